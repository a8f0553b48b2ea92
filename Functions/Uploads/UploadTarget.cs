using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Http;

namespace CasFunctions.Uploads;

/// <summary>Where an upload goes, and why.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Reason"><c>requested</c>, <c>default</c>, or <c>fallback: …</c> with what is wrong with the default.</param>
public sealed record UploadTarget(Backend Backend, string Reason)
{
    private const string RequestedReason = "requested";
    private const string DefaultReason = "default";

    /// <summary>True when the caller named the backend: then no other may take the content.</summary>
    public bool IsRequested => Reason == RequestedReason;

    /// <summary>True when it stands in for the default.</summary>
    public bool IsFallback => Reason.StartsWith("fallback", StringComparison.Ordinal);

    /// <summary>
    /// Chooses the backends that may take a content, in the order in which they are to be tried: a backend that was named alone, otherwise
    /// the default and the fallback, the one in doubt last.
    /// </summary>
    /// <param name="set">The organization's backends.</param>
    /// <param name="requested">The backend that the caller named, if any.</param>
    /// <param name="size">The content's size in bytes; null when the client did not say.</param>
    /// <param name="isAvoided">Tells which backends failed just now.</param>
    /// <exception cref="ProblemException">There is none that takes it.</exception>
    public static IReadOnlyList<UploadTarget> Choose(BackendSet set, string? requested, long? size, Func<Backend, bool> isAvoided)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(isAvoided);
        if (requested is not null)
        {
            var named = set.Find(requested) ?? throw Problems.InvalidRequest("backend", $"There is no backend '{requested}'.");
            return named.TakesUploads ? [new(CheckSize(named, size), RequestedReason)] : throw Unavailable(named);
        }

        var first = CheckSize(set.Find(set.Default) ?? throw NoDefault(), size);
        var fallback = set.Find(set.Fallback) is { TakesUploads: true } second && !(size > second.MaxBytes) ? second : null;
        if (!first.TakesUploads)
        {
            return fallback is null ? throw Unavailable(first) : [InsteadOf(first, fallback, "is invalid")];
        }

        var inOrder = new UploadTarget(first, DefaultReason);
        if (fallback is null)
        {
            return [inOrder];
        }

        var doubted = first.Status == BackendStatus.Suspect || (isAvoided(first) && !isAvoided(fallback));
        return doubted
            ? [InsteadOf(first, fallback, "failed lately"), inOrder]
            : [inOrder, InsteadOf(first, fallback, "failed")];
    }

    /// <summary>
    /// The backends that may take a session's content, in the order in which they are to be tried: its own first, unless that is in doubt.
    /// </summary>
    /// <param name="own">The session's own.</param>
    /// <param name="set">The organization's backends.</param>
    /// <param name="size">The content's size in bytes.</param>
    /// <param name="isAvoided">Tells which backends failed just now.</param>
    public static IReadOnlyList<UploadTarget> ChooseAgain(UploadTarget own, BackendSet set, long size, Func<Backend, bool> isAvoided)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(isAvoided);
        if (own.IsRequested)
        {
            return [own];
        }

        List<UploadTarget> others = [];
        foreach (var name in new[] { set.Default, set.Fallback })
        {
            if (set.Find(name) is { TakesUploads: true } other && other.Name != own.Backend.Name && size <= other.MaxBytes)
            {
                others.Add(InsteadOf(own.Backend, other, "failed lately"));
            }
        }

        return !own.Backend.TakesUploads || isAvoided(own.Backend) ? [.. others, own] : [own, .. others];
    }

    /// <summary>The fallback as a target.</summary>
    /// <param name="failed">The backend that should have taken the content.</param>
    /// <param name="fallback">The one that takes it.</param>
    /// <param name="failure">What is wrong with the first, such as <c>is invalid</c>.</param>
    public static UploadTarget InsteadOf(Backend failed, Backend fallback, string failure)
    {
        ArgumentNullException.ThrowIfNull(failed);
        return new(fallback, $"fallback: '{failed.Name}' {failure}");
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

    private static Backend CheckSize(Backend backend, long? size) => size > backend.MaxBytes
        ? throw Problems.TooLarge(
            backend.MaxBytes,
            $"Backend '{backend.Name}' takes at most {backend.MaxBytes} bytes.",
            "An owner can raise the backend's maxBytes, or name another backend.")
        : backend;

    private static ProblemException Unavailable(Backend backend) =>
        new(
            503,
            "backend-unavailable",
            "The backend is unavailable",
            $"'{backend.Name}' takes no uploads: {backend.StatusReason ?? "it is archived"}")
        {
            RetryAfter = TimeSpan.FromMinutes(5),
            Hint = "An owner of the organization has to repair it or to make another backend the default.",
        };

    private static ProblemException NoDefault() =>
        new(
            409,
            "no-default-backend",
            "There is no default backend",
            "The organization has no default backend, and the request names none.")
        {
            Hint = "An owner can choose one: PATCH /v1/backends/{name} with {\"default\": true}.",
        };
}
