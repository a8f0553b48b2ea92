using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using CasFunctions.Secrets;
using CasFunctions.Security;
using CasFunctions.Tests.Security;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Fakes;

/// <summary>
/// Azure Key Vault's secrets API (version 7.x, with soft delete) and the token endpoint of its tenant, over https, as far as the
/// real client uses them. No emulator exists.
/// </summary>
public sealed class FakeKeyVault : IAsyncDisposable
{
    public const string Tenant = "6a0c5cf2-6a8c-4a4f-9a7e-3f0b7d4b1c11";
    public const string ClientSecret = "fake-client-secret";

    private readonly TestCertificate _certificate = new();
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Secret> _secrets = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _token = Guid.NewGuid().ToString("N");
    private LoopbackServer _server = null!;
    private OutboundHandlerFactory _outbound = null!;
    private HttpClient _http = null!;
    private int _throttled;

    private FakeKeyVault()
    {
    }

    /// <summary>The requests for secrets so far, such as <c>PUT /secrets/name</c>. Those without a token are not counted.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>The names of the secrets that are not deleted.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _secrets.Where(secret => !secret.Value.Deleted).Select(secret => secret.Key)];
            }
        }
    }

    /// <summary>When false, the vault answers 403: the identity lacks the role.</summary>
    public bool Authorized { get; set; } = true;

    /// <summary>What Retry-After says in answers 429.</summary>
    public int RetryAfterSeconds { get; set; } = 1;

    public static async Task<FakeKeyVault> StartAsync()
    {
        var vault = new FakeKeyVault();
        vault._server = await LoopbackServer.StartAsync(vault._certificate, vault.AnswerAsync);
        vault._outbound = TestOutbound.Allowing(vault._server.Address, vault._certificate);
        vault._http = new HttpClient(vault._outbound.Handler, disposeHandler: false);
        return vault;
    }

    /// <summary>The app's store on the real client.</summary>
    public KeyVaultSecretStore Store(TimeProvider? timeProvider = null, string clientSecret = ClientSecret) =>
        new(Client(clientSecret), timeProvider ?? TimeProvider.System);

    /// <summary>The real client with the app's options, signed in at the token endpoint.</summary>
    public SecretClient Client(string clientSecret = ClientSecret)
    {
        var credential = new ClientSecretCredential(Tenant, "client", clientSecret, new ClientSecretCredentialOptions
        {
            AuthorityHost = _server.Address,
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(_http),
        });
        var options = KeyVaultSecretStore.ClientOptions();
        options.DisableChallengeResourceVerification = true;
        options.Transport = new HttpClientTransport(_http);
        return new SecretClient(_server.Address, credential, options);
    }

    /// <summary>Answers the next <paramref name="requests"/> calls for secrets with 429.</summary>
    public void Throttle(int requests) => Volatile.Write(ref _throttled, requests);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _outbound.Dispose();
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (status, body) = context.Request.Path.Value!.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal)
            ? await IssueTokenAsync(context)
            : await ServeAsync(context);
        context.Response.StatusCode = status;
        if (body is not null)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(body.ToJsonString());
        }
    }

    private async Task<(int Status, JsonObject? Body)> IssueTokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        return form["client_secret"] == ClientSecret && form["scope"].ToString().Contains("vault.azure.net/", StringComparison.Ordinal)
            ? (200, new JsonObject { ["token_type"] = "Bearer", ["expires_in"] = 3599, ["access_token"] = _token })
            : (401, new JsonObject { ["error"] = "invalid_client", ["error_description"] = "AADSTS7000215: Invalid client secret." });
    }

    private async Task<(int Status, JsonObject? Body)> ServeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Authorization != $"Bearer {_token}")
        {
            context.Response.Headers.WWWAuthenticate =
                $"Bearer authorization=\"{_server.Address}{Tenant}\", resource=\"https://vault.azure.net\"";
            return Error(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
        }

        _requests.Enqueue($"{request.Method} {request.Path}");
        if (!Authorized)
        {
            return Error(403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac");
        }

        if (Interlocked.Decrement(ref _throttled) >= 0)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            return Error(429, "Throttled", "The request was throttled.");
        }

        if (!request.Query.ContainsKey("api-version"))
        {
            return Error(400, "BadParameter", "api-version must be specified.");
        }

        var body = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0
            ? await JsonNode.ParseAsync(request.Body) as JsonObject
            : null;
        var path = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        lock (_gate)
        {
            return (request.Method, path) switch
            {
                ("PUT", ["secrets", var name]) => Set(name, body!),
                ("GET", ["secrets", var name]) => Get(name, null),
                ("GET", ["secrets", var name, "versions"]) => List(name),
                ("GET", ["secrets", var name, var version]) => Get(name, version),
                ("PATCH", ["secrets", var name, var version]) => Update(name, version, body!),
                ("DELETE", ["secrets", var name]) => Delete(name),
                ("GET", ["deletedsecrets", var name]) => GetDeleted(name),
                ("DELETE", ["deletedsecrets", var name]) => Purge(name),
                _ => Error(405, "MethodNotAllowed", "No such operation."),
            };
        }
    }

    private (int, JsonObject?) Set(string name, JsonObject body)
    {
        if (_secrets.GetValueOrDefault(name) is { Deleted: true })
        {
            return Error(
                409, "Conflict", $"Secret {name} is currently in a deleted but recoverable state.", "ObjectIsDeletedButRecoverable");
        }

        if (!_secrets.TryGetValue(name, out var secret))
        {
            _secrets[name] = secret = new Secret();
        }

        var version = new Version(Guid.NewGuid().ToString("N"), (string)body["value"]!, (string?)body["contentType"]);
        secret.Versions.Add(version);
        return (200, Bundle(name, version, withValue: true));
    }

    private (int, JsonObject?) Get(string name, string? id) => Find(name, id) switch
    {
        null => NotFound(name),
        { Enabled: false } => Error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled"),
        var version => (200, Bundle(name, version, withValue: true)),
    };

    private (int, JsonObject?) List(string name) => _secrets.GetValueOrDefault(name) is { Deleted: false } secret
        ? (200, new JsonObject
        {
            ["value"] = new JsonArray([.. secret.Versions.Select(version => Bundle(name, version, withValue: false))]),
            ["nextLink"] = null,
        })
        : NotFound(name);

    private (int, JsonObject?) Update(string name, string id, JsonObject body)
    {
        if (Find(name, id) is not { } version)
        {
            return NotFound(name);
        }

        version.Enabled = (bool?)body["attributes"]?["enabled"] ?? version.Enabled;
        return (200, Bundle(name, version, withValue: false));
    }

    private (int, JsonObject?) Delete(string name)
    {
        if (Find(name, null) is not { } version)
        {
            return NotFound(name);
        }

        _secrets[name].Deleted = true;
        return (200, DeletedBundle(name, version));
    }

    private (int, JsonObject?) GetDeleted(string name) => _secrets.GetValueOrDefault(name) is { Deleted: true } secret
        ? (200, DeletedBundle(name, secret.Versions[^1]))
        : NotFound(name);

    private (int, JsonObject?) Purge(string name) =>
        _secrets.GetValueOrDefault(name) is { Deleted: true } && _secrets.Remove(name) ? (204, null) : NotFound(name);

    private Version? Find(string name, string? id) => _secrets.GetValueOrDefault(name) is { Deleted: false } secret
        ? secret.Versions.FindLast(version => id is null || string.Equals(version.Id, id, StringComparison.Ordinal))
        : null;

    private JsonObject Bundle(string name, Version version, bool withValue)
    {
        var bundle = new JsonObject
        {
            ["id"] = $"{_server.Address}secrets/{name}/{version.Id}",
            ["contentType"] = version.ContentType,
            ["attributes"] = new JsonObject
            {
                ["enabled"] = version.Enabled,
                ["created"] = 1_780_000_000,
                ["updated"] = 1_780_000_000,
                ["recoveryLevel"] = "Recoverable+Purgeable",
                ["recoverableDays"] = 90,
            },
        };
        if (withValue)
        {
            bundle["value"] = version.Value;
        }

        return bundle;
    }

    private JsonObject DeletedBundle(string name, Version version)
    {
        var bundle = Bundle(name, version, withValue: false);
        bundle["recoveryId"] = $"{_server.Address}deletedsecrets/{name}";
        bundle["deletedDate"] = 1_780_000_000;
        bundle["scheduledPurgeDate"] = 1_787_776_000;
        return bundle;
    }

    private static (int, JsonObject?) NotFound(string name) =>
        Error(404, "SecretNotFound", $"A secret with (name/id) {name} was not found in this key vault.");

    private static (int, JsonObject?) Error(int status, string code, string message, string? inner = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (inner is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = inner };
        }

        return (status, new JsonObject { ["error"] = error });
    }

    private sealed class Secret
    {
        public List<Version> Versions { get; } = [];

        public bool Deleted { get; set; }
    }

    private sealed class Version(string id, string value, string? contentType)
    {
        public string Id { get; } = id;

        public string Value { get; } = value;

        public string? ContentType { get; } = contentType;

        public bool Enabled { get; set; } = true;
    }
}
