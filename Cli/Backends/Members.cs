namespace CasFunctions.Cli.Backends;

/// <summary>Collects the members of an object that were given.</summary>
internal static class Members
{
    /// <summary>Makes an object of the members that have a value.</summary>
    public static IReadOnlyDictionary<string, string> Of(params (string Name, string? Value)[] members) =>
        members.Where(member => member.Value is not null).ToDictionary(member => member.Name, member => member.Value!, StringComparer.Ordinal);
}
