using System.IO.Pipelines;
using System.Security.Cryptography;
using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Telemetry;

namespace CasFunctions.Uploads;

/// <summary>A content that is to be stored for an organization.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Digest">The digest that it must have.</param>
/// <param name="Size">The size that it must have; null when the client did not say.</param>
/// <param name="Label">Its name and media type, and who uploads it.</param>
/// <param name="Targets">The backends that may take it, in the order in which they are tried.</param>
/// <param name="Nonce">Marks it at the store.</param>
/// <param name="Location">Its address, for the descriptor.</param>
public sealed record ContentToStore(
    string Organization,
    Sha256Digest Digest,
    long? Size,
    ArtifactLabel Label,
    IReadOnlyList<UploadTarget> Targets,
    string Nonce,
    string Location);

/// <summary>A content that was stored.</summary>
/// <param name="Descriptor">Its descriptor.</param>
/// <param name="Target">The backend that took it.</param>
public sealed record StoredContent(ResourceDescriptor Descriptor, UploadTarget Target);

/// <summary>Brings proven content into a backend and into the index, in that order.</summary>
public sealed class ContentStore(
    UploadPipeline pipeline,
    BackendConnections connections,
    BackendHealth health,
    BackendStore backends,
    ArtifactIndex index,
    ArtifactActivity activity,
    CasMetrics metrics,
    TimeProvider time)
{
    /// <summary>Makes a nonce: 96 random bits in hexadecimal.</summary>
    public static string NewNonce() => RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>
    /// Looks for a copy that makes an upload needless, and adds the upload's name to it.
    /// </summary>
    /// <param name="organization">The organization.</param>
    /// <param name="digest">The content's digest.</param>
    /// <param name="requested">The backend that the caller named, if any.</param>
    /// <param name="size">The declared size in bytes; null when the client did not say.</param>
    /// <param name="label">The name of this upload.</param>
    /// <param name="location">The artifact's address.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">400: the size can't be that of this content.</exception>
    public async Task<ResourceDescriptor?> FindExistingAsync(
        string organization,
        Sha256Digest digest,
        string? requested,
        long? size,
        ArtifactLabel label,
        string location,
        CancellationToken cancellationToken)
    {
        var copies = await index.FindAsync(organization, digest, cancellationToken);
        if (copies.Count == 0)
        {
            return null;
        }

        var set = await backends.ReadAsync(organization, cancellationToken);
        if (UploadTarget.UsableCopy(copies, set, requested) is not { } copy)
        {
            return null;
        }

        if (size is { } declared && declared != copy.Size)
        {
            throw Problems.SizeMismatch(declared, "The organization has this content already, with another size.");
        }

        copy = await index.AddLabelAsync(copy, label, cancellationToken);
        await activity.DeduplicatedAsync(copy, label);
        return ResourceDescriptor.Of(copy, label, set.Find(copy.Backend), location, null);
    }

    /// <summary>Takes a body, proves it, stores it and records it.</summary>
    /// <param name="body">The content.</param>
    /// <param name="content">What it has to be.</param>
    /// <param name="beforeCommit">Called when the content is proven, before it becomes readable on a backend.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UploadBrokenException">
    /// The backend failed in the middle, and another could take the content from the start.
    /// </exception>
    public async Task<StoredContent> StoreAsync(
        PipeReader body,
        ContentToStore content,
        Func<UploadTarget, CancellationToken, Task> beforeCommit,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var plan = new UploadPlan(
            content.Digest,
            content.Size,
            content.Label.Name,
            content.Label.MediaType,
            content.Nonce,
            new UploadRoute(content.Targets, connections, health),
            beforeCommit);
        var result = await metrics.TimeUploadAsync(() => pipeline.RunAsync(body, plan, cancellationToken));
        return new StoredContent(await FinishAsync(content, result, cancellationToken), result.Target);
    }

    /// <summary>Records a content that a backend has taken.</summary>
    /// <param name="content">The content.</param>
    /// <param name="result">What the backend said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProviderException">Another's object is where ours should be, and it is not right.</exception>
    public Task<ResourceDescriptor> FinishAsync(ContentToStore content, UploadResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(result);
        return result.Outcome == CommitOutcome.Committed
            ? RecordAsync(content, result.Target, result.Size, result.InlineContent, cancellationToken)
            : AcceptDisplacedAsync(content, result, cancellationToken);
    }

    /// <summary>
    /// Finishes an upload whose commit was begun and whose end nobody saw: when the store has our nonce and the right size, then what it
    /// has is what was proven.
    /// </summary>
    /// <param name="content">The content.</param>
    /// <param name="backend">The name of the backend that it was going to.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the store has of ours, if it could tell.</returns>
    public async Task<LostCommit> FinishLostCommitAsync(
        ContentToStore content, string backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var target = content.Targets.Single(target => target.Backend.Name == backend);
        StoredBlob? found;
        try
        {
            var store = await connections.OpenAsync(target.Backend, cancellationToken);
            found = await store.FindAsync(content.Digest, cancellationToken);
        }
        catch (Exception failure) when (BackendHealth.IsFault(failure))
        {
            await health.ReportFailureAsync(target.Backend, failure, cancellationToken);
            return new LostCommit(IsKnown: false, null);
        }

        var isOurs = found is not null && found.Nonce == content.Nonce && found.Size == content.Size;
        return new LostCommit(IsKnown: true, isOurs ? await RecordAsync(content, target, content.Size!.Value, null, cancellationToken) : null);
    }

    /// <summary>
    /// Describes what an earlier request of the same upload has stored; null when it is not there, or not right any more.
    /// </summary>
    public async Task<ResourceDescriptor?> FindStoredAsync(ContentToStore content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var copies = await index.FindAsync(content.Organization, content.Digest, cancellationToken);
        var set = await backends.ReadAsync(content.Organization, cancellationToken);
        var right = copies.Where(copy => copy.CorruptSince is null && set.Find(copy.Backend) is not null).ToList();
        var copy = right.Find(copy => copy.Backend == content.Targets[0].Backend.Name) ?? right.FirstOrDefault();
        return copy is null ? null : ResourceDescriptor.Of(copy, content.Label, set.Find(copy.Backend), content.Location, null);
    }

    /// <summary>
    /// Another's object is where ours should be. It counts when the index vouches for it, or when its bytes prove it.
    /// </summary>
    private async Task<ResourceDescriptor> AcceptDisplacedAsync(
        ContentToStore content, UploadResult result, CancellationToken cancellationToken)
    {
        var backend = result.Target.Backend;
        var copies = await index.FindAsync(content.Organization, content.Digest, cancellationToken);
        if (copies.FirstOrDefault(copy => copy.Backend == backend.Name && copy.CorruptSince is null) is { } known)
        {
            var labelled = await index.AddLabelAsync(known, content.Label, cancellationToken);
            await activity.DeduplicatedAsync(labelled, content.Label);
            return ResourceDescriptor.Of(labelled, content.Label, backend, content.Location, null);
        }

        return await CopyVerifier.IsRightAsync(result.Store, content.Digest, result.Size, cancellationToken)
            ? await RecordAsync(content, result.Target, result.Size, null, cancellationToken)
            : throw new ProviderException(
                ProviderErrorKind.Rejected,
                "The backend holds other bytes under this digest and keeps them. Delete them there, or upload to another backend.");
    }

    private async Task<ResourceDescriptor> RecordAsync(
        ContentToStore content, UploadTarget target, long size, byte[]? bytes, CancellationToken cancellationToken)
    {
        var copy = new ArtifactCopy
        {
            Organization = content.Organization,
            Digest = content.Digest,
            Backend = target.Backend.Name,
            Size = size,
            Labels = [content.Label],
            BackendReason = target.Reason,
            UploadedBy = content.Label.By,
            UploadedAt = content.Label.At,
            VerifiedAt = time.GetUtcNow(),
        };
        var recorded = await index.RecordAsync(copy, cancellationToken);
        await activity.UploadedAsync(copy, target.IsFallback);
        return ResourceDescriptor.Of(recorded, content.Label, target.Backend, content.Location, bytes);
    }
}

/// <summary>What a store told of a commit whose end nobody saw.</summary>
/// <param name="IsKnown">False when the store could not tell.</param>
/// <param name="Descriptor">The artifact; null when the store has nothing of ours.</param>
public sealed record LostCommit(bool IsKnown, ResourceDescriptor? Descriptor);
