using System.Diagnostics.CodeAnalysis;

namespace CasFunctions.Http;

/// <summary>
/// Names that clients give to their content. A name is data: it is kept as it came, path separators, quotes and line ends included, and
/// made safe by whoever writes it out (<see cref="ContentDisposition"/>, JSON, HTML).
/// </summary>
public static class ArtifactName
{
    /// <summary>Longest name, in UTF-16 units as <see cref="string.Length"/> counts them.</summary>
    public const int MaxLength = 1024;

    /// <summary>Checks that a name can be stored and given back unchanged.</summary>
    /// <param name="name">What the client sent.</param>
    /// <param name="reason">Why the name is refused, as a sentence for the client.</param>
    public static bool IsValid(string name, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(name);
        reason = name switch
        {
            "" => "The name is empty; leave it out instead.",
            { Length: > MaxLength } => $"The name has {name.Length} characters; at most {MaxLength} are allowed.",
            _ when name.Contains('\0', StringComparison.Ordinal) => "The name contains a NUL character.",
            _ when !IsWellFormed(name) => "The name is not well-formed Unicode: it contains half of a surrogate pair.",
            _ => null,
        };
        return reason is null;
    }

    private static bool IsWellFormed(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogatePair(name, i))
            {
                i++;
            }
            else if (char.IsSurrogate(name[i]))
            {
                return false;
            }
        }

        return true;
    }
}
