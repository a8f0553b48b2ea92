using System.IO.Pipelines;
using System.Security.Cryptography;
using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Providers.Inline;

namespace CasFunctions.Uploads;

/// <summary>A content that is to be stored for an organization.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Digest">The digest that it must have.</param>
/// <param name="Size">The size that it must have; null when the client did not say.</param>
/// <param name="Label">Its name and media type, and who uploads it.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Nonce">Marks it at the store.</param>
/// <param name="Location">Its address, for the descriptor.</param>
public sealed record ContentToStore(
    string Organization, Sha256Digest Digest, long? Size, ArtifactLabel Label, UploadTarget Target, string Nonce, string Location);

/// <summary>Brings proven content into a backend and into the index, in that order.</summary>
public sealed class ContentStore(UploadPipeline pipeline, BackendConnections connections, BackendStore backends, ArtifactIndex index, TimeProvider time)
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
        string organization, Sha256Digest digest, string? requested, long? size, ArtifactLabel label, string location, CancellationToken cancellationToken)
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
        return ResourceDescriptor.Of(copy, label, set.Find(copy.Backend), location, null);
    }

    /// <summary>Takes a body, proves it, stores it and records it.</summary>
    /// <param name="body">The content.</param>
    /// <param name="content">What it has to be.</param>
    /// <param name="beforeCommit">Called when content in parts is proven, before it becomes readable.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ResourceDescriptor> StoreAsync(
        PipeReader body, ContentToStore content, Func<CancellationToken, Task> beforeCommit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var backend = content.Target.Backend;
        var store = await connections.OpenAsync(backend, cancellationToken);
        var plan = new UploadPlan(
            content.Digest,
            content.Size,
            backend.MaxBytes,
            content.Label.Name,
            content.Label.MediaType,
            content.Nonce,
            store,
            backend.Provider == InlineProvider.KindName,
            beforeCommit);
        var result = await pipeline.RunAsync(body, plan, cancellationToken);
        if (result.Outcome == CommitOutcome.Displaced)
        {
            await AcceptDisplacedAsync(content, store, result.Size, cancellationToken);
        }

        return await RecordAsync(content, result.Size, result.Content, cancellationToken);
    }

    /// <summary>
    /// Finishes an upload whose commit was begun and whose end nobody saw: when the store has our nonce and the right size, then what it
    /// has is what was proven.
    /// </summary>
    /// <returns>Null when the store has nothing of ours.</returns>
    public async Task<ResourceDescriptor?> FinishLostCommitAsync(ContentToStore content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var store = await connections.OpenAsync(content.Target.Backend, cancellationToken);
        var found = await store.FindAsync(content.Digest, cancellationToken);
        return found is not null && found.Nonce == content.Nonce && found.Size == content.Size
            ? await RecordAsync(content, found.Size, null, cancellationToken)
            : null;
    }

    /// <summary>Describes what an earlier request of the same upload has stored.</summary>
    /// <exception cref="ProblemException">404 when it is gone.</exception>
    public async Task<ResourceDescriptor> DescribeStoredAsync(
        string organization, Sha256Digest digest, string backend, string location, CancellationToken cancellationToken)
    {
        var copies = await index.FindAsync(organization, digest, cancellationToken);
        var copy = copies.OrderByDescending(copy => copy.Backend == backend).FirstOrDefault() ?? throw Problems.NotFound("artifact");
        var set = await backends.ReadAsync(organization, cancellationToken);
        return ResourceDescriptor.Of(copy, null, set.Find(copy.Backend), location, null);
    }

    /// <summary>Another's object is where ours should be. It counts when the index vouches for it or when its bytes prove it.</summary>
    private async Task AcceptDisplacedAsync(ContentToStore content, IBlobStore store, long size, CancellationToken cancellationToken)
    {
        var copies = await index.FindAsync(content.Organization, content.Digest, cancellationToken);
        if (copies.Any(copy => copy.Backend == content.Target.Backend.Name && copy.CorruptSince is null))
        {
            return;
        }

        if (!await CopyVerifier.IsRightAsync(store, content.Digest, size, cancellationToken))
        {
            throw new ProviderException(ProviderErrorKind.Rejected, "The backend holds other bytes under this digest and does not let them be replaced.");
        }
    }

    private async Task<ResourceDescriptor> RecordAsync(ContentToStore content, long size, byte[]? bytes, CancellationToken cancellationToken)
    {
        var backend = content.Target.Backend;
        var copy = new ArtifactCopy
        {
            Organization = content.Organization,
            Digest = content.Digest,
            Backend = backend.Name,
            Size = size,
            Labels = [content.Label],
            BackendReason = content.Target.Reason,
            UploadedBy = content.Label.By,
            UploadedAt = content.Label.At,
            VerifiedAt = time.GetUtcNow(),
        };
        var recorded = await index.RecordAsync(copy, cancellationToken);
        return ResourceDescriptor.Of(recorded, content.Label, backend, content.Location, bytes);
    }
}
