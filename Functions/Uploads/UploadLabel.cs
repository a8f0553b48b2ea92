using CasFunctions.Artifacts;
using CasFunctions.Http;
using CasFunctions.Security;

namespace CasFunctions.Uploads;

/// <summary>Checks the name and the media type that a client gives to a content.</summary>
public static class UploadLabel
{
    /// <summary>Checks them and makes a label of them.</summary>
    /// <exception cref="ProblemException">400: one of them can't be kept.</exception>
    public static ArtifactLabel Check(string? name, string? mediaType, DateTimeOffset now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (name is not null && !ArtifactName.IsValid(name, out var reason))
        {
            throw Problems.InvalidRequest("name", reason);
        }

        return mediaType is null || MediaTypeName.IsValid(mediaType)
            ? new ArtifactLabel(string.IsNullOrEmpty(name) ? null : name, mediaType, now, caller.Identity)
            : throw Problems.InvalidRequest("mediaType", "A media type is 'type/subtype', with parameters if need be, in ASCII.");
    }
}
