using Azure.Core.Pipeline;
using Azure.Identity;

namespace CasFunctions.Tests.Services;

/// <summary>Azurite over HTTPS together with the Entra ID whose tokens it takes.</summary>
public sealed class AzureOAuth : IAsyncDisposable
{
    private AzureOAuth(TestCertificate certificate, FakeEntra entra, Azurite storage)
    {
        Certificate = certificate;
        Entra = entra;
        Storage = storage;
    }

    /// <summary>The certificate of both servers.</summary>
    public TestCertificate Certificate { get; }

    /// <summary>The token endpoint.</summary>
    public FakeEntra Entra { get; }

    /// <summary>The storage account.</summary>
    public Azurite Storage { get; }

    /// <summary>Starts both.</summary>
    public static async Task<AzureOAuth> StartAsync()
    {
        var certificate = new TestCertificate();
        FakeEntra? entra = null;
        try
        {
            entra = await FakeEntra.StartAsync(certificate);
            return new AzureOAuth(certificate, entra, await Azurite.StartWithOAuthAsync(certificate));
        }
        catch
        {
            if (entra is not null)
            {
                await entra.DisposeAsync();
            }

            certificate.Dispose();
            throw;
        }
    }

    /// <summary>A credential of the application with this secret.</summary>
    public ClientSecretCredential CreateCredential(string clientSecret) =>
        new(Entra.TenantId, Entra.ClientId, clientSecret, new ClientSecretCredentialOptions
        {
            AuthorityHost = Entra.Authority,
            DisableInstanceDiscovery = true,
            Transport = CreateTransport(),
        });

    /// <summary>A transport for Azure clients that trusts the two servers.</summary>
    public HttpClientTransport CreateTransport() => new(new HttpClient(new SocketsHttpHandler
    {
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, presented, _, _) =>
                presented is not null && presented.GetRawCertData().AsSpan().SequenceEqual(Certificate.Server.RawData),
        },
    }));

    public async ValueTask DisposeAsync()
    {
        await Storage.DisposeAsync();
        await Entra.DisposeAsync();
        Certificate.Dispose();
    }
}
