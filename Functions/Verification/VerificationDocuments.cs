using System.Text.Json.Serialization;

namespace CasFunctions.Verification;

/// <summary>What reading an artifact's stored copies found.</summary>
/// <param name="Digest">The artifact's digest.</param>
/// <param name="Copies">Its copies, the default backend's first.</param>
public sealed record VerificationDocument(string Digest, IReadOnlyList<VerifiedCopy> Copies);

/// <summary>What reading one copy found.</summary>
/// <param name="Backend">The backend that holds it.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="VerifiedAt">When the copy was last known to be right.</param>
/// <param name="CorruptSince">Since when it is known to be altered or gone; null when it isn't.</param>
/// <param name="Reason">Why it could not be read; null when it could.</param>
public sealed record VerifiedCopy(
    string Backend, VerificationOutcome Outcome, DateTimeOffset VerifiedAt, DateTimeOffset? CorruptSince, string? Reason);

/// <summary>The verdicts on a copy.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VerificationOutcome>))]
public enum VerificationOutcome
{
    /// <summary>The copy has the digest.</summary>
    [JsonStringEnumMemberName("right")]
    Right,

    /// <summary>The copy is altered, or the backend does not have it any more.</summary>
    [JsonStringEnumMemberName("corrupt")]
    Corrupt,

    /// <summary>The backend can't be read at the moment, which says nothing of the copy.</summary>
    [JsonStringEnumMemberName("unreadable")]
    Unreadable,
}
