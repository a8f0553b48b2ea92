using System.CommandLine;

namespace CasFunctions.Cli.Commands;

/// <summary>In what form results are written.</summary>
internal enum OutputFormat
{
    /// <summary>Tables and lines for people.</summary>
    Table,

    /// <summary>The API's documents, byte for byte, one a line.</summary>
    Json,
}

/// <summary>The options of every command.</summary>
internal static class GlobalOptions
{
    /// <summary>The service's address.</summary>
    public static Option<string?> Address { get; } = new("--address")
    {
        Description = "Address of the service [environment: CAS_ADDRESS; default: the one of 'cas login']",
        HelpName = "URL",
        Recursive = true,
    };

    /// <summary>The organization that a CI job logs in to by its own token.</summary>
    public static Option<string?> Organization { get; } = new("--org")
    {
        Description = "Organization to log in to by the token of the CI job [environment: CAS_ORG]",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>The form of results.</summary>
    public static Option<OutputFormat> Format { get; } = CreateFormat();

    /// <summary>Whether notes and progress are left out.</summary>
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No progress and no notes, results and errors only", Recursive = true };

    private static Option<OutputFormat> CreateFormat()
    {
        var format = new Option<OutputFormat>("--format", "-o")
        {
            Description = "Form of the results: table, or json for the API's own documents",
            HelpName = "table|json",
            Recursive = true,
            CustomParser = result => result.Tokens.Count == 0 ? OutputFormat.Table : Read(result.Tokens[^1].Value, result.AddError),
        };
        format.CompletionSources.Add("table", "json");
        return format;
    }

    private static OutputFormat Read(string text, Action<string> refuse)
    {
        switch (text)
        {
            case "table":
                return OutputFormat.Table;
            case "json":
                return OutputFormat.Json;
            default:
                refuse($"'{text}' is not a form of output: use table or json.");
                return default;
        }
    }
}
