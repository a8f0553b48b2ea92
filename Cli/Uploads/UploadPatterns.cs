using System.IO.Enumeration;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Uploads;

/// <summary>File names with wildcards, for shells that leave them to the program.</summary>
internal static class UploadPatterns
{
    /// <summary>
    /// The files that a text names: the file of that name, or those that match it. <c>*</c> and <c>?</c> may stand in every part of the path,
    /// and the part <c>**</c> stands for any number of folders.
    /// </summary>
    /// <exception cref="CliFailure">Nothing matches.</exception>
    public static IReadOnlyList<string> Expand(string text)
    {
        if (File.Exists(text) || text.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return [text];
        }

        var root = Path.GetPathRoot(text) ?? "";
        var parts = text[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        var found = Match(root, parts).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return found.Count > 0 ? found : throw new CliFailure(ExitCode.NotFound, $"No file matches '{text}'.");
    }

    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> parts)
    {
        var part = parts.Span[0];
        var rest = parts[1..];
        if (part == "**")
        {
            return rest.IsEmpty
                ? Entries(folder, "*", recursive: true, files: true)
                : Entries(folder, "*", recursive: true, files: false).Prepend(folder).SelectMany(inner => Match(inner, rest));
        }

        if (rest.IsEmpty)
        {
            return Entries(folder, part, recursive: false, files: true);
        }

        return part.AsSpan().IndexOfAny('*', '?') < 0
            ? Match(Path.Combine(folder, part), rest)
            : Entries(folder, part, recursive: false, files: false).SelectMany(inner => Match(inner, rest));
    }

    private static IEnumerable<string> Entries(string folder, string pattern, bool recursive, bool files)
    {
        var start = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(start))
        {
            return [];
        }

        var options = new EnumerationOptions { RecurseSubdirectories = recursive, MatchType = MatchType.Simple, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        return new FileSystemEnumerable<string>(start, (ref entry) => entry.ToSpecifiedFullPath(), options)
        {
            ShouldIncludePredicate = (ref entry) => entry.IsDirectory != files && FileSystemName.MatchesSimpleExpression(pattern, entry.FileName, ignoreCase: false),
            ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        }.Select(path => folder.Length == 0 ? Path.GetRelativePath(".", path) : path);
    }
}
