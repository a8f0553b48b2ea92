namespace CasFunctions.Trusts;

/// <summary>How the records name a pipeline: issuer, the id that the trust pins, and the run, such as
/// <c>github:repository_id=123 run_id=456</c>.</summary>
public static class PipelineIdentity
{
    private const int MaxValue = 64;

    /// <summary>Names the pipeline that presented a token.</summary>
    public static string Of(OidcTrust trust, PipelineToken token)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(token);
        var preset = IssuerPreset.For(new Uri(trust.Issuer));
        var identity = preset.FindIdentity(trust.Claims) is { } pinned
            ? $"{preset.Name}:{pinned}={Short(trust.Claims[pinned])}"
            : preset.Name;
        return preset.Run is { } run && token.Claims.TryGetValue(run, out var value) ? $"{identity} {run}={Short(value)}" : identity;
    }

    private static string Short(string value)
    {
        var shown = string.Concat(value.Take(MaxValue).Select(c => IsPlain(c) ? c : '_'));
        return value.Length > MaxValue ? shown + "…" : shown;
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || "-._:/@".Contains(c, StringComparison.Ordinal);
}
