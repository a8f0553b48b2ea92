using System.Buffers;
using System.IO.Pipelines;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>What a request body has to be, and where it goes.</summary>
/// <param name="Digest">The digest that the content must have.</param>
/// <param name="Size">The size that it must have; null when the client did not say, which limits it to one part.</param>
/// <param name="MaxSize">The backend's limit in bytes.</param>
/// <param name="Name">The file name, if any.</param>
/// <param name="MediaType">The media type, if any.</param>
/// <param name="Nonce">Marks this upload at the store.</param>
/// <param name="Store">Where it goes.</param>
/// <param name="KeepContent">Whether the result shall carry the content, which must then fit one part.</param>
/// <param name="BeforeCommit">Called when content in parts is proven, before it becomes readable.</param>
public sealed record UploadPlan(
    Sha256Digest Digest,
    long? Size,
    long MaxSize,
    string? Name,
    string? MediaType,
    string Nonce,
    IBlobStore Store,
    bool KeepContent,
    Func<CancellationToken, Task> BeforeCommit);

/// <summary>How an upload ended.</summary>
/// <param name="Size">The content's size in bytes.</param>
/// <param name="Outcome">What the store said.</param>
/// <param name="Content">The content where the plan asked for it.</param>
public sealed record UploadResult(long Size, CommitOutcome Outcome, byte[]? Content);

/// <summary>
/// The one way of content into a store: read, hashed in order, cut into parts that are sent while more is read, and made
/// readable only when size and SHA-256 are the declared ones.
/// </summary>
public sealed partial class UploadPipeline(UploadMemory memory, IOptions<UploadOptions> options, TimeProvider time, ILogger<UploadPipeline> logger)
{
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Takes a whole content.</summary>
    /// <exception cref="ProblemException">The content is not the declared one, or too large. Nothing is readable then.</exception>
    /// <exception cref="ProviderException">The store failed.</exception>
    public async Task<UploadResult> RunAsync(PipeReader body, UploadPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var hash = new ContentHash();
        var limit = plan.Size ?? Math.Min(PartBuffer.PartSize, plan.MaxSize);
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
                        : Problems.TooLarge(limit, "Content of undeclared size is limited.", "Send Content-Length or Upload-Length, or create a session: POST /v1/uploads.");
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

    private static async Task<UploadResult> PutAsync(PartBuffer content, ContentHash hash, UploadPlan plan, CancellationToken cancellationToken)
    {
        using (content)
        {
            Prove(hash, plan);
            var bytes = content.AsSequence();
            var outcome = await plan.Store.PutAsync(Describe(plan, content.Length), bytes, cancellationToken);
            return new UploadResult(content.Length, outcome, plan.KeepContent ? bytes.ToArray() : null);
        }
    }

    private async Task<UploadResult> SendPartsAsync(BodyIntake intake, PartBuffer first, ContentHash hash, UploadPlan plan, CancellationToken cancellationToken)
    {
        var part = first;
        IBlobUpload? upload = null;
        try
        {
            upload = await plan.Store.OpenUploadAsync(Describe(plan, plan.Size!.Value), null, cancellationToken);
            await using var parts = new PartsInFlight(upload, memory, cancellationToken);
            var ended = await intake.IsAtEndAsync(cancellationToken);
            while (!ended)
            {
                var full = part;
                part = null;
                await parts.SendAsync(full);
                part = new PartBuffer(memory);
                ended = await intake.FillAsync(part, parts.ReclaimAsync, cancellationToken);
            }

            Prove(hash, plan);
            if (part.Length > 0)
            {
                var last = part;
                part = null;
                await parts.SendAsync(last);
            }

            var tags = await parts.FinishAsync();
            await plan.BeforeCommit(cancellationToken);
            return new UploadResult(plan.Size!.Value, await upload.CommitAsync(tags, cancellationToken), null);
        }
        catch when (upload is not null)
        {
            await AbortAsync(upload);
            throw;
        }
        finally
        {
            part?.Dispose();
            if (upload is not null)
            {
                await upload.DisposeAsync();
            }
        }
    }

    private async Task AbortAsync(IBlobUpload upload)
    {
        using var timeout = new CancellationTokenSource(AbortTimeout, time);
        try
        {
            await upload.AbortAsync(timeout.Token);
        }
        catch (Exception failure) when (failure is ProviderException or OperationCanceledException)
        {
            LogAbortFailed(logger, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The parts of a failed upload could not be dropped; the store collects them in its own time")]
    private static partial void LogAbortFailed(ILogger logger, Exception failure);
}
