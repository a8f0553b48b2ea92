namespace CasFunctions.Verification;

/// <summary>The settings of the re-verification, section <c>Cas:Verification</c>.</summary>
public sealed class VerificationOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Verification";

    /// <summary>How many bytes of stored content are read again per day, over all organizations; 0 for none.</summary>
    public long BytesPerDay { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>How old the last proof of a copy has to be before it is read again.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromDays(7);
}
