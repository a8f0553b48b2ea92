using System.Collections.Concurrent;
using CasFunctions.Security;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace CasFunctions.Trusts;

/// <summary>
/// The keys that issuers publish (OpenID Connect Discovery 1.0), fetched through the outbound guard and kept. A key that isn't among
/// them makes the issuer's be fetched anew, at most once a minute, so that a rollover goes unnoticed and made-up key ids cost nothing.
/// </summary>
public sealed partial class IssuerKeys : IDisposable
{
    /// <summary>After how long keys are fetched anew although none is missing: what an issuer withdraws must not count for long.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    /// <summary>How long keys count while the issuer can't be reached.</summary>
    private static readonly TimeSpan ValidFor = TimeSpan.FromHours(24);

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private const int MaxIssuers = 1000;
    private const int MaxDocument = 512 * 1024;
    private const int LeastRsaBits = 2048;

    private readonly ConcurrentDictionary<string, Entry> _issuers = new(StringComparer.Ordinal);
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly ILogger<IssuerKeys> _logger;

    /// <summary>Makes the cache; makes no call yet.</summary>
    public IssuerKeys(OutboundHandlerFactory outbound, TimeProvider time, ILogger<IssuerKeys> logger)
    {
        ArgumentNullException.ThrowIfNull(outbound);
        _http = new HttpClient(outbound.Handler, disposeHandler: false)
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = MaxDocument,
        };
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// The issuer's keys of an id: none when it has no such key or can't be reached. To be asked for issuers that somebody trusts only.
    /// </summary>
    public async Task<IReadOnlyList<SecurityKey>> FindAsync(string issuer, string keyId, CancellationToken cancellationToken)
    {
        if (_issuers.Count >= MaxIssuers)
        {
            _issuers.Clear();
        }

        var entry = _issuers.GetOrAdd(issuer, _ => new Entry());
        Task? loading = null;
        lock (entry)
        {
            var now = _time.GetUtcNow();
            if (entry.Find(keyId).Count == 0 || now - entry.LoadedAt >= FreshFor)
            {
                if (entry.Loading is not { IsCompleted: false } && now - entry.TriedAt >= Pause)
                {
                    entry.TriedAt = now;
                    entry.Loading = LoadAsync(issuer, entry);
                }

                loading = entry.Loading;
            }
        }

        if (loading is not null)
        {
            await loading.WaitAsync(cancellationToken);
        }

        lock (entry)
        {
            return _time.GetUtcNow() - entry.LoadedAt < ValidFor ? entry.Find(keyId) : [];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Fetches for all who wait: the end of one request does not end it, the client's time-out does.</summary>
    private async Task LoadAsync(string issuer, Entry entry)
    {
        await Task.Yield();
        try
        {
            var address = issuer.TrimEnd('/') + "/.well-known/openid-configuration";
            var found = await OpenIdConnectConfigurationRetriever.GetAsync(address, new Documents(_http), CancellationToken.None);
            if (!string.Equals(found.Issuer, issuer, StringComparison.Ordinal))
            {
                LogOtherIssuer(_logger, issuer);
                return;
            }

            var keys = found.SigningKeys.OfType<AsymmetricSecurityKey>()
                .Where(key => key is ECDsaSecurityKey || key.KeySize >= LeastRsaBits)
                .ToList<SecurityKey>();
            lock (entry)
            {
                entry.Keys = keys;
                entry.LoadedAt = _time.GetUtcNow();
            }
        }
        catch (Exception failure)
        {
            // Whatever the issuer answers with: a tenant chose it.
            LogUnreachable(_logger, issuer, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The OIDC issuer {Issuer} publishes the configuration of another")]
    private static partial void LogOtherIssuer(ILogger logger, string issuer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of the OIDC issuer {Issuer} can't be fetched")]
    private static partial void LogUnreachable(ILogger logger, string issuer, Exception failure);

    /// <summary>What is known of an issuer; locked while it is read or changed.</summary>
    private sealed class Entry
    {
        public IReadOnlyList<SecurityKey> Keys { get; set; } = [];

        public DateTimeOffset LoadedAt { get; set; }

        public DateTimeOffset TriedAt { get; set; }

        public Task? Loading { get; set; }

        public IReadOnlyList<SecurityKey> Find(string keyId) =>
            [.. Keys.Where(key => string.Equals(key.KeyId, keyId, StringComparison.Ordinal))];
    }

    /// <summary>Fetches the configuration and the keys, over https alone even where the guard would let plain http pass.</summary>
    private sealed class Documents(HttpClient http) : IDocumentRetriever
    {
        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            var target = new Uri(address, UriKind.Absolute);
            if (!string.Equals(target.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
            {
                throw new OutboundRefusedException("Keys are fetched over https only.");
            }

            return await http.GetStringAsync(target, cancel);
        }
    }
}
