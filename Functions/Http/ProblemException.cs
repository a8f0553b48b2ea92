namespace CasFunctions.Http;

/// <summary>
/// A request that can't be answered as asked. <see cref="ApiEndpoint"/> turns it into problem details (RFC 9457). Nothing in it
/// may be secret.
/// </summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">A stable word for programs, such as <c>digest-mismatch</c>.</param>
/// <param name="title">The kind of problem, the same for all occurrences.</param>
/// <param name="detail">What happened this time.</param>
public class ProblemException(int status, string code, string title, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>A stable word for programs.</summary>
    public string Code { get; } = code;

    /// <summary>The kind of problem, the same for all occurrences.</summary>
    public string Title { get; } = title;

    /// <summary>What the caller can do about it.</summary>
    public string? Hint { get; init; }

    /// <summary>The problem type's URI where a registry or a specification defines one; <c>about:blank</c> otherwise.</summary>
    public string? Type { get; init; }

    /// <summary>After how long a repeat makes sense, for the <c>Retry-After</c> field.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Further members of the problem document.</summary>
    public IReadOnlyDictionary<string, string> Members { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Header fields that the answer carries besides.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
