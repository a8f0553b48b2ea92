using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Security;
using CasFunctions.Uploads.Appends;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Uploads;

/// <summary>Session, upload and commit in one call, for small content.</summary>
public sealed class ArtifactUpload(ContentStore contents, BackendStore backends, BackendHealth health, TimeProvider time)
{
    /// <summary>Takes a content.</summary>
    /// <returns>Its descriptor, and whether it was stored now.</returns>
    /// <exception cref="ProblemException">The request is not valid, or the content is not the declared one.</exception>
    public async Task<(ResourceDescriptor Descriptor, bool Created)> PutAsync(
        Caller caller, Sha256Digest digest, HttpRequest request, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(locate);
        var size = UploadFields.ReadNumber(request, "Upload-Length") ?? request.ContentLength;
        UploadHeaders.Check(request, digest, size);
        string? requested = request.Query["backend"];
        var mediaType = request.ContentType is UploadFields.FormMediaType ? null : request.ContentType;
        var label = UploadLabel.Check(request.Query["name"], mediaType, time.GetUtcNow(), caller);
        if (await contents.FindExistingAsync(caller.Organization, digest, requested, size, label, locate(digest), cancellationToken)
            is { } existing)
        {
            return (existing, false);
        }

        var set = await backends.ReadAsync(caller.Organization, cancellationToken);
        var targets = UploadTarget.Choose(set, requested, size, health.IsAvoided);
        var content = new ContentToStore(caller.Organization, digest, size, label, targets, ContentStore.NewNonce(), locate(digest));
        var stored = await contents.StoreAsync(request.BodyReader, content, static (_, _) => Task.CompletedTask, cancellationToken);
        return (stored.Descriptor, true);
    }
}
