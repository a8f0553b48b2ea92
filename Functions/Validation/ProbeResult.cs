namespace CasFunctions.Validation;

/// <summary>What a check of a backend found.</summary>
/// <param name="Outcome">The verdict.</param>
/// <param name="Reason">What is wrong, in the store's own plain words and without secrets; null when nothing is.</param>
public sealed record ProbeResult(ProbeOutcome Outcome, string? Reason)
{
    /// <summary>The backend can be read and written.</summary>
    public static ProbeResult Passed { get; } = new(ProbeOutcome.Passed, null);
}

/// <summary>The verdicts of a check.</summary>
public enum ProbeOutcome
{
    /// <summary>Reading and writing are possible.</summary>
    Passed,

    /// <summary>The store refuses: credentials, rights or settings are wrong. Passes only when somebody changes something.</summary>
    Refused,

    /// <summary>The store can't be reached or can't serve. May pass by itself.</summary>
    Failed,

    /// <summary>The check could not be made, by no fault of the backend.</summary>
    Inconclusive,
}
