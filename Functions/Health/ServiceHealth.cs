using CasFunctions.Notifications;
using CasFunctions.Secrets;
using CasFunctions.Storage;
using CasFunctions.Uploads;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Health;

/// <summary>
/// Looks whether what the service needs is there. However many ask, one look at a time is under way, and what it found counts for some
/// seconds.
/// </summary>
/// <remarks>
/// Only the tables decide whether the service is available: without them no request succeeds. Without blobs or secrets some do; a mail
/// service that is down is nobody's business but the owners', whose mails wait.
/// </remarks>
public sealed partial class ServiceHealth(
    AppStorage storage,
    ISecretStore secrets,
    IMailSender mail,
    UploadMemory memory,
    TimeProvider time,
    ILogger<ServiceHealth> logger)
{
    /// <summary>How long a finding counts.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    /// <summary>How long one thing may take to answer before it counts as away.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>A secret that there never is: to be told so takes a store that can be reached and lets us read.</summary>
    private const string NoSecret = "cas-health";

    private const string NoVersion = "00000000000000000000000000000000";

    private readonly Lock _lock = new();
    private Task<HealthDocument>? _look;
    private DateTimeOffset _lookedAt;

    /// <summary>What the last look found, or what a new one does.</summary>
    public Task<HealthDocument> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_look is null || (_look.IsCompleted && time.GetUtcNow() - _lookedAt >= FreshFor))
            {
                _lookedAt = time.GetUtcNow();
                _look = LookAsync();
            }

            return _look.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Looks for all who wait: the end of one request does not end it.</summary>
    private async Task<HealthDocument> LookAsync()
    {
        // The span of the request that happened to come first is not theirs.
        System.Diagnostics.Activity.Current = null;
        await Task.Yield();
        var tables = CheckAsync("tables", HealthState.Unavailable, storage.ProbeTablesAsync);
        var blobs = CheckAsync("blobs", HealthState.Degraded, storage.ProbeBlobsAsync);
        var vault = CheckAsync("secrets", HealthState.Degraded, ProbeSecretsAsync);
        var checks = new Dictionary<string, HealthState>(StringComparer.Ordinal)
        {
            ["tables"] = await tables,
            ["blobs"] = await blobs,
            ["secrets"] = await vault,
            ["mail"] = mail is NoMailSender ? HealthState.Off : HealthState.Ok,
            ["uploadMemory"] = memory.IsShort ? HealthState.Degraded : HealthState.Ok,
        };
        var worst = checks.Values.Where(state => state != HealthState.Off).Max();
        return new HealthDocument(worst, checks);
    }

    private async Task<HealthState> CheckAsync(string what, HealthState otherwise, Func<CancellationToken, Task> probe)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        var probing = probe(limit.Token);
        try
        {
            // A library that does not heed its token must not hold up the answer.
            await probing.WaitAsync(Limit, time);
            return HealthState.Ok;
        }
        catch (Exception failure)
        {
            // Whatever it is, the answer is that it does not work; the log says why.
            _ = probing.ContinueWith(
                static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            LogAway(logger, what, failure);
            return otherwise;
        }
    }

    private async Task ProbeSecretsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await secrets.ReadAsync(NoSecret, NoVersion, cancellationToken);
        }
        catch (SecretStoreException failure) when (failure.Kind == SecretStoreErrorKind.NotFound)
        {
            return;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The service is not well: {What} can't be used")]
    private static partial void LogAway(ILogger logger, string what, Exception failure);
}
