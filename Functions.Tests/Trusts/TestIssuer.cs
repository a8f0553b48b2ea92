using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Trusts;

/// <summary>
/// An OpenID Connect issuer over https with a discovery document and a key set, as
/// https://openid.net/specs/openid-connect-discovery-1_0.html describes them. Its tokens are made here byte by byte.
/// </summary>
public sealed class TestIssuer : IAsyncDisposable
{
    private LoopbackServer? _server;
    private int _requests;
    private string _keyId = "first";
    private AsymmetricAlgorithm _key = RSA.Create(2048);

    private TestIssuer()
    {
    }

    /// <summary>Its certificate, which a service has to trust.</summary>
    public TestCertificate Certificate { get; } = new();

    /// <summary>Its address, which is also its name in tokens.</summary>
    public string Name => _server!.Address.ToString().TrimEnd('/');

    /// <summary>The port that it listens on.</summary>
    public int Port => _server!.Address.Port;

    /// <summary>What its discovery document says its name is; null for the right one.</summary>
    public string? PublishedName { get; set; }

    /// <summary>How many requests it was sent.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The public key as text, which is no secret.</summary>
    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The public key as its bytes.</summary>
    public byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    /// <summary>Starts an issuer that signs with RSA.</summary>
    public static async Task<TestIssuer> StartAsync()
    {
        var issuer = new TestIssuer();
        issuer._server = await LoopbackServer.StartAsync(issuer.Certificate, issuer.AnswerAsync);
        return issuer;
    }

    /// <summary>Throws the key away and goes on with an elliptic one.</summary>
    public void RollOver()
    {
        _key.Dispose();
        _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _keyId = Guid.NewGuid().ToString("n");
    }

    /// <summary>Makes a token.</summary>
    /// <param name="payload">Its claims.</param>
    /// <param name="keyId">The key that it names; the right one when null.</param>
    public string Sign(IReadOnlyDictionary<string, object?> payload, string? keyId = null) =>
        Sign(JsonSerializer.Serialize(payload), new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["typ"] = "JWT",
            ["alg"] = _key is RSA ? "RS256" : "ES256",
            ["kid"] = keyId ?? _keyId,
        });

    /// <summary>Makes a token of any text with any header.</summary>
    public string Sign(string payload, IReadOnlyDictionary<string, object?> header)
    {
        var content = Content(payload, header);
        var signature = _key switch
        {
            RSA rsa => rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            ECDsa ecdsa => ecdsa.SignData(content, HashAlgorithmName.SHA256),
            _ => throw new InvalidOperationException(),
        };
        return $"{Encoding.ASCII.GetString(content)}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Makes a token that anybody can make who knows the public key: HS256 with that key as its secret.</summary>
    public string SignWithPublicKey(IReadOnlyDictionary<string, object?> payload, byte[] secret)
    {
        var content = Content(JsonSerializer.Serialize(payload), Header("HS256"));
        return $"{Encoding.ASCII.GetString(content)}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, content))}";
    }

    /// <summary>Makes a token without a signature, or with one that is none.</summary>
    public string WithoutSignature(IReadOnlyDictionary<string, object?> payload, string signature)
    {
        var content = Content(JsonSerializer.Serialize(payload), Header("none"));
        return $"{Encoding.ASCII.GetString(content)}.{signature}";
    }

    /// <summary>The header of its tokens.</summary>
    public Dictionary<string, object?> Header(string algorithm = "RS256") =>
        new(StringComparer.Ordinal) { ["alg"] = algorithm, ["kid"] = _keyId };

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _key.Dispose();
        Certificate.Dispose();
    }

    private static byte[] Content(string payload, IReadOnlyDictionary<string, object?> header)
    {
        var head = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header));
        return Encoding.ASCII.GetBytes($"{head}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}");
    }

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        switch (context.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                return WriteAsync(context, new { issuer = PublishedName ?? Name, jwks_uri = Name + "/keys" });
            case "/keys":
                return WriteAsync(context, new { keys = new[] { WebKey() } });
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private Dictionary<string, object> WebKey()
    {
        var key = new Dictionary<string, object>(StringComparer.Ordinal) { ["kid"] = _keyId, ["use"] = "sig" };
        if (_key is RSA rsa)
        {
            var parameters = rsa.ExportParameters(false);
            key["kty"] = "RSA";
            key["n"] = Base64Url.EncodeToString(parameters.Modulus);
            key["e"] = Base64Url.EncodeToString(parameters.Exponent);
        }
        else
        {
            var point = ((ECDsa)_key).ExportParameters(false).Q;
            (key["kty"], key["crv"]) = ("EC", "P-256");
            key["x"] = Base64Url.EncodeToString(point.X);
            key["y"] = Base64Url.EncodeToString(point.Y);
        }

        return key;
    }

    private static Task WriteAsync(HttpContext context, object document) =>
        context.Response.WriteAsJsonAsync(document, context.RequestAborted);
}
