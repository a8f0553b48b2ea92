using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Backends;
using CasFunctions.Console;
using CasFunctions.Health;
using CasFunctions.Http;
using CasFunctions.Links;
using CasFunctions.Notifications;
using CasFunctions.OpenApi;
using CasFunctions.Organizations;
using CasFunctions.Providers;
using CasFunctions.Providers.AzureBlob;
using CasFunctions.Providers.Inline;
using CasFunctions.Providers.Oci;
using CasFunctions.Providers.S3;
using CasFunctions.Secrets;
using CasFunctions.Security;
using CasFunctions.Storage;
using CasFunctions.Telemetry;
using CasFunctions.Trusts;
using CasFunctions.Uploads;
using CasFunctions.Uploads.Appends;
using CasFunctions.Usage;
using CasFunctions.Validation;
using CasFunctions.Verification;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CasFunctions;

/// <summary>Registers the service's parts.</summary>
public static class CasServices
{
    /// <summary>Registers everything, whichever host runs the functions.</summary>
    public static IHostApplicationBuilder AddCas(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.KeepPathsOutOfLogs();

        // Kestrel's own ceilings would answer 500 or cut slow pipelines; the upload pipeline has its own.
        services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
        });

        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();

        services.AddOptions<CasOptions>().BindConfiguration(CasOptions.Section)
            .Validate(
                options => options.RootKey is null or { Length: 0 or >= CasOptions.MinRootKey },
                $"Cas:RootKey needs at least {CasOptions.MinRootKey} characters.")
            .ValidateOnStart();
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section);
        services.AddOptions<BackendOptions>().BindConfiguration(BackendOptions.Section);
        services.AddOptions<UploadOptions>().BindConfiguration(UploadOptions.Section);

        services.AddSingleton<AppStorage>();
        services.AddSingleton<GroupCommit>();
        builder.AddTelemetry();
        builder.AddSecrets();
        builder.AddOutbound();
        builder.AddMail();
        builder.AddAudit();
        builder.AddUsage();
        builder.AddTrusts();

        services.AddOptions<AuthenticationLimitOptions>().BindConfiguration(AuthenticationLimitOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<AuthenticationLimits>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<ServiceHealth>();
        services.AddSingleton<ApiEndpoint>();
        services.AddSingleton<JsonBody>();
        services.AddSingleton<ApiDescription>();

        services.AddSingleton<OrganizationStore>();
        services.AddSingleton<OrganizationService>();
        services.AddSingleton<TokenStore>();

        services.AddSingleton<IBlobProvider, AzureBlobProvider>();
        services.AddSingleton<IBlobProvider, InlineProvider>();
        services.AddSingleton<IBlobProvider, S3BlobProvider>();
        services.AddSingleton<IBlobProvider, OciBlobProvider>();

        services.AddSingleton<BackendStore>();
        services.AddSingleton<BackendConnections>();
        services.AddSingleton<BackendHealth>();
        services.AddSingleton<BackendCreation>();
        services.AddSingleton<BackendChanges>();
        services.AddSingleton<BackendRemoval>();
        services.AddSingleton<BackendAudit>();

        services.AddSingleton<BackendProbe>();
        services.AddSingleton<ValidationSchedule>();
        services.AddSingleton<BackendValidator>();
        services.AddSingleton<NoticeDelivery>();

        services.AddSingleton<UploadMemory>();
        services.AddSingleton<RememberedUploads>();
        services.AddSingleton<UploadPipeline>();
        services.AddSingleton<SessionExpiry>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionSweeper>();
        services.AddSingleton<SessionAccess>();
        services.AddSingleton<RunningAppends>();
        services.AddSingleton<StagingArea>();
        services.AddSingleton<UploadLeftovers>();
        services.AddSingleton<UploadCompletion>();
        services.AddSingleton<AppendTools>();
        services.AddSingleton<AppendService>();
        services.AddSingleton<UploadLimits>();
        services.AddSingleton<IetfUploads>();
        services.AddSingleton<TusUploads>();
        services.AddSingleton<ContentStore>();
        services.AddSingleton<UploadService>();
        services.AddSingleton<ArtifactUpload>();

        services.AddSingleton<Locations>();
        services.AddSingleton<ArtifactIndex>();
        services.AddSingleton<ArtifactListing>();
        services.AddSingleton<ArtifactActivity>();
        services.AddSingleton<ArtifactSources>();
        services.AddSingleton<ArtifactDownload>();
        services.AddSingleton<LinkStore>();
        services.AddSingleton<DownloadLinks>();
        services.AddSingleton<ConsoleFiles>();

        services.AddOptions<VerificationOptions>().BindConfiguration(VerificationOptions.Section);
        services.AddSingleton<ArtifactVerifier>();
        services.AddSingleton<Reverification>();
        return builder;
    }
}
