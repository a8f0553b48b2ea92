using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CasFunctions.Security;

/// <summary>Trusts the operator's certificate authorities in addition to the system's.</summary>
internal sealed class OutboundTrust : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly X509Certificate2Collection _authorities = [];

    /// <exception cref="InvalidOperationException">A file is missing or holds no certificate.</exception>
    public OutboundTrust(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            var before = _authorities.Count;
            try
            {
                _authorities.ImportFromPemFile(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw Unreadable(file, e);
            }

            if (_authorities.Count == before)
            {
                throw Unreadable(file, null);
            }
        }
    }

    /// <summary>The TLS settings of outbound connections.</summary>
    public SslClientAuthenticationOptions SslOptions => new()
    {
        RemoteCertificateValidationCallback = _authorities.Count > 0 ? Validate : null,
    };

    public void Dispose()
    {
        foreach (var authority in _authorities)
        {
            authority.Dispose();
        }
    }

    // The system's judgement stands; only a chain that it doesn't know is built once more from the operator's authorities. A name
    // that doesn't match is never let through.
    private bool Validate(object sender, X509Certificate? certificate, X509Chain? systemChain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (systemChain is not null)
        {
            // Holds what the server sent besides its own certificate.
            chain.ChainPolicy.ExtraStore.AddRange(systemChain.ChainPolicy.ExtraStore);
        }

        return chain.Build(leaf);
    }

    private static InvalidOperationException Unreadable(string file, Exception? cause) => new(
        $"{OutboundOptions.Section}:{nameof(OutboundOptions.TrustedCertificates)}: '{file}' can't be read as certificates in PEM form.",
        cause);
}
