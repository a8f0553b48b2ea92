using System.Buffers;
using System.IO.Pipelines;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Providers.Inline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>What a request body has to be, and where it goes.</summary>
/// <param name="Digest">The digest that the content must have.</param>
/// <param name="Size">The size that it must have; null when the client did not say, which limits it to one part.</param>
/// <param name="Name">The file name, if any.</param>
/// <param name="MediaType">The media type, if any.</param>
/// <param name="Nonce">Marks this upload at the store.</param>
/// <param name="Route">Where it goes.</param>
/// <param name="BeforeCommit">Called when the content is proven, before it becomes readable on a backend.</param>
public sealed record UploadPlan(
    Sha256Digest Digest,
    long? Size,
    string? Name,
    string? MediaType,
    string Nonce,
    UploadRoute Route,
    Func<UploadTarget, CancellationToken, Task> BeforeCommit);

/// <summary>How an upload ended.</summary>
/// <param name="Size">The content's size in bytes.</param>
/// <param name="Outcome">What the store said.</param>
/// <param name="Target">The backend that took it.</param>
/// <param name="Store">The backend as it was opened.</param>
/// <param name="InlineContent">The content where it is to be embedded.</param>
public sealed record UploadResult(long Size, CommitOutcome Outcome, UploadTarget Target, IBlobStore Store, byte[]? InlineContent);

/// <summary>
/// The way of a content that comes whole in one request, as <see cref="Appends.AppendRun"/> is that of one that comes in several: read,
/// hashed in order, cut into parts that are sent while more is read, and made readable only when size and SHA-256 are the declared ones.
/// </summary>
public sealed partial class UploadPipeline(
    RememberedUploads uploads, UploadMemory memory, IOptions<UploadOptions> options, TimeProvider time, ILogger<UploadPipeline> logger)
{
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Takes a whole content.</summary>
    /// <exception cref="ProblemException">The content is not the declared one, or too large. Nothing is readable then.</exception>
    /// <exception cref="ProviderException">The store failed.</exception>
    public async Task<UploadResult> RunAsync(PipeReader body, UploadPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var hash = new ContentHash();
        var limit = plan.Size ?? Math.Min(PartBuffer.PartSize, plan.Route.MaxBytes);
        var intake = new BodyIntake(body, hash, plan.Size, memory, options.Value.IdleTimeout, time);
        var first = new PartBuffer(memory);
        try
        {
            var ended = await intake.FillAsync(first, static () => ValueTask.FromResult(false), cancellationToken);
            if (limit <= PartBuffer.PartSize)
            {
                if (intake.Offset > limit || (!ended && !await intake.IsAtEndAsync(cancellationToken)))
                {
                    throw plan.Size is { } size
                        ? Problems.SizeMismatch(size, "The content goes on past its declared size.")
                        : Problems.TooLarge(
                            limit,
                            "Content of undeclared size is limited.",
                            "Send Content-Length or Upload-Length, or create a session: POST /v1/uploads.");
                }

                return await PutAsync(first, hash, plan, cancellationToken);
            }
        }
        catch
        {
            first.Dispose();
            throw;
        }

        return await SendPartsAsync(intake, first, hash, plan, cancellationToken);
    }

    private static void Prove(ContentHash hash, UploadPlan plan)
    {
        if (plan.Size is { } size && hash.BytesHashed != size)
        {
            throw Problems.SizeMismatch(size, "The content ended before its declared size.");
        }

        if (hash.GetCurrentDigest() != plan.Digest)
        {
            throw Problems.DigestMismatch();
        }
    }

    private static BlobDescriptor Describe(UploadPlan plan, long size) => new(plan.Digest, size, plan.Name, plan.MediaType, plan.Nonce);

    private static async Task<UploadResult> PutAsync(
        PartBuffer content, ContentHash hash, UploadPlan plan, CancellationToken cancellationToken)
    {
        using (content)
        {
            Prove(hash, plan);
            var bytes = content.AsSequence();
            var delivery = await plan.Route.DeliverAsync(
                content.Length,
                async (target, store, token) =>
                {
                    await plan.BeforeCommit(target, token);
                    return await store.PutAsync(Describe(plan, bytes.Length), bytes, token);
                },
                cancellationToken);
            var inline = delivery.Target.Backend.Provider == InlineProvider.KindName ? bytes.ToArray() : null;
            return new UploadResult(bytes.Length, delivery.Result, delivery.Target, delivery.Store, inline);
        }
    }

    private async Task<UploadResult> SendPartsAsync(
        BodyIntake intake, PartBuffer first, ContentHash hash, UploadPlan plan, CancellationToken cancellationToken)
    {
        // While the first part is being delivered nothing more is read: it has to stay whole for the next backend.
        Delivery<PartsInFlight> delivery;
        using (first)
        {
            if (await intake.IsAtEndAsync(cancellationToken))
            {
                Prove(hash, plan);
            }

            delivery = await plan.Route.DeliverAsync(
                plan.Size!.Value, (target, store, token) => BeginAsync(target, store, first, plan, token), cancellationToken);
        }

        await using var parts = delivery.Result;
        try
        {
            return await SendRestAsync(intake, delivery, hash, plan, cancellationToken);
        }
        catch (Exception failure)
        {
            await AbortAsync(parts);
            if (BackendHealth.IsFault(failure) && await plan.Route.BreakAsync(delivery.Target, failure, cancellationToken) is { } broken)
            {
                throw broken;
            }

            throw;
        }
    }

    private async Task<PartsInFlight> BeginAsync(
        UploadTarget target, IBlobStore store, PartBuffer first, UploadPlan plan, CancellationToken cancellationToken)
    {
        var upload = await uploads.OpenAsync(target.Backend, store, Describe(plan, plan.Size!.Value), cancellationToken);
        var parts = new PartsInFlight(upload, memory, [], cancellationToken);
        try
        {
            await parts.SendFirstAsync(first);
            return parts;
        }
        catch
        {
            await AbortAsync(parts);
            await parts.DisposeAsync();
            throw;
        }
    }

    private async Task<UploadResult> SendRestAsync(
        BodyIntake intake, Delivery<PartsInFlight> delivery, ContentHash hash, UploadPlan plan, CancellationToken cancellationToken)
    {
        var parts = delivery.Result;
        bool ended;
        do
        {
            var part = new PartBuffer(memory);
            try
            {
                ended = await intake.FillAsync(part, parts.ReclaimAsync, cancellationToken);
                if (ended)
                {
                    Prove(hash, plan);
                }
            }
            catch
            {
                part.Dispose();
                throw;
            }

            await parts.SendAsync(part);
        }
        while (!ended);

        var tags = await parts.FinishAsync();
        await plan.BeforeCommit(delivery.Target, cancellationToken);
        var outcome = await parts.Upload.CommitAsync(tags, cancellationToken);
        return new UploadResult(plan.Size!.Value, outcome, delivery.Target, delivery.Store, null);
    }

    private async Task AbortAsync(PartsInFlight parts)
    {
        using var timeout = new CancellationTokenSource(AbortTimeout, time);
        try
        {
            await parts.AbortAsync(timeout.Token);
        }
        catch (Exception failure) when (failure is ProviderException or OperationCanceledException)
        {
            LogAbortFailed(logger, failure);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The parts of a failed upload could not be dropped; the store collects them in its own time")]
    private static partial void LogAbortFailed(ILogger logger, Exception failure);
}
