using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Http;

namespace CasFunctions.Uploads;

/// <summary>Where an upload goes, and why.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Reason"><c>requested</c> or <c>default</c>.</param>
public sealed record UploadTarget(Backend Backend, string Reason)
{
    /// <summary>Chooses a backend.</summary>
    /// <param name="set">The organization's backends.</param>
    /// <param name="requested">The backend that the caller named, if any.</param>
    /// <param name="size">The content's size in bytes; null when the client did not say.</param>
    /// <exception cref="ProblemException">There is none that takes it.</exception>
    public static UploadTarget Choose(BackendSet set, string? requested, long? size)
    {
        ArgumentNullException.ThrowIfNull(set);
        var target = requested is null
            ? new UploadTarget(set.Find(set.Default) ?? throw NoDefault(), "default")
            : new UploadTarget(set.Find(requested) ?? throw Problems.InvalidRequest("backend", $"There is no backend '{requested}'."), "requested");
        var backend = target.Backend;
        if (!backend.TakesUploads)
        {
            throw new ProblemException(503, "backend-unavailable", "The backend is unavailable", $"'{backend.Name}' takes no uploads: {backend.StatusReason ?? "it is archived"}.")
            {
                RetryAfter = TimeSpan.FromMinutes(5),
                Hint = "An owner of the organization has to repair it or to make another backend the default.",
            };
        }

        return size > backend.MaxBytes
            ? throw Problems.TooLarge(backend.MaxBytes, $"Backend '{backend.Name}' takes at most {backend.MaxBytes} bytes.", "An owner can raise the backend's maxBytes, or name another backend.")
            : target;
    }

    /// <summary>
    /// Finds a copy that makes an upload needless: one that is not corrupt, on a backend that can be relied on.
    /// </summary>
    /// <param name="copies">The organization's copies of the content.</param>
    /// <param name="set">The organization's backends.</param>
    /// <param name="requested">The backend that the caller named; only a copy on it counts then.</param>
    public static ArtifactCopy? UsableCopy(IEnumerable<ArtifactCopy> copies, BackendSet set, string? requested)
    {
        ArgumentNullException.ThrowIfNull(copies);
        ArgumentNullException.ThrowIfNull(set);
        return copies
            .Where(copy => copy.CorruptSince is null && (requested is null || copy.Backend == requested))
            .Where(copy => set.Find(copy.Backend) is { TakesUploads: true })
            .OrderByDescending(copy => copy.Backend == set.Default)
            .FirstOrDefault();
    }

    private static ProblemException NoDefault() =>
        new(409, "no-default-backend", "There is no default backend", "The organization has no default backend, and the request names none.")
        {
            Hint = "An owner can choose one: PATCH /v1/backends/{name} with {\"default\": true}.",
        };
}
