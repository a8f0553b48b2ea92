namespace CasFunctions.Cli.Http;

/// <summary>Writes the queries of addresses.</summary>
internal static class Query
{
    /// <summary>A query of the parameters that have a value, with its question mark; empty when there are none.</summary>
    public static string Of(params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));
        return query.Length == 0 ? "" : "?" + query;
    }
}
