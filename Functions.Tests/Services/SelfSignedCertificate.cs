using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CasFunctions.Tests.Services;

/// <summary>A certificate for 127.0.0.1 and localhost with its RSA key, made for one run and trusted by nobody else.</summary>
public sealed class SelfSignedCertificate : IDisposable
{
    public SelfSignedCertificate()
    {
        var request = new CertificateRequest("CN=localhost", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The private key.</summary>
    public RSA Key { get; } = RSA.Create(2048);

    /// <summary>The certificate without its key, in PEM.</summary>
    public string CertificatePem => Certificate.ExportCertificatePem();

    /// <summary>The private key in PEM (PKCS #8).</summary>
    public string KeyPem => Key.ExportPkcs8PrivateKeyPem();

    /// <summary>A handler that accepts this certificate and no other.</summary>
    public HttpMessageHandler CreateTrustingHandler() => new SocketsHttpHandler
    {
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, presented, _, _) =>
                presented is not null && presented.GetRawCertData().AsSpan().SequenceEqual(Certificate.RawData),
        },
    };

    public void Dispose()
    {
        Certificate.Dispose();
        Key.Dispose();
    }
}
