namespace CasFunctions.Trusts;

/// <summary>Patterns for claims: <c>*</c> stands for any number of any characters, everything else for itself.</summary>
public static class ClaimPattern
{
    private const char Any = '*';

    /// <summary>True when a text is no pattern but a value.</summary>
    public static bool IsExact(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return !pattern.Contains(Any, StringComparison.Ordinal);
    }

    /// <summary>
    /// True when the whole value fits the pattern, upper and lower case being different. Only the last <c>*</c> is ever tried again, so
    /// that no pattern takes more than the product of both lengths.
    /// </summary>
    public static bool Matches(string pattern, string value)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(value);
        int inPattern = 0, inValue = 0, lastAny = -1, resume = 0;
        while (inValue < value.Length)
        {
            if (inPattern < pattern.Length && pattern[inPattern] == Any)
            {
                lastAny = inPattern++;
                resume = inValue;
            }
            else if (inPattern < pattern.Length && pattern[inPattern] == value[inValue])
            {
                inPattern++;
                inValue++;
            }
            else if (lastAny >= 0)
            {
                inPattern = lastAny + 1;
                inValue = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(inPattern).Trim(Any).IsEmpty;
    }
}
