using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Output;

/// <summary>Writes results to standard output, and everything else to standard error.</summary>
/// <param name="format">The form of results.</param>
/// <param name="quiet">Whether notes are left out.</param>
internal sealed class Printer(OutputFormat format, bool quiet)
{
    /// <summary>The form of results.</summary>
    public OutputFormat Format => format;

    /// <summary>Whether notes and progress are left out.</summary>
    public bool Quiet => quiet;

    /// <summary>Writes an answer of the API: its own bytes, or what the writer makes of it for people.</summary>
    public void Result(ApiAnswer answer, Action<ApiAnswer> forPeople)
    {
        if (format == OutputFormat.Json)
        {
            Document(answer.Body);
        }
        else
        {
            forPeople(answer);
        }
    }

    /// <summary>Writes a JSON document as it came, on one line of its own.</summary>
    public static void Document(ReadOnlySpan<byte> json)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(json);
        output.Write("\n"u8);
    }

    /// <summary>Writes a line of a result.</summary>
    public static void Line(string text) => Console.Out.WriteLine(text);

    /// <summary>Says what goes on.</summary>
    public void Note(string text)
    {
        if (!quiet)
        {
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>Says what went wrong and what to do next.</summary>
    public void Error(CliFailure failure)
    {
        Console.Error.WriteLine("Error: " + DisplayText.Safe(failure.Message));
        if (failure.Hint is { } hint)
        {
            Console.Error.WriteLine("Hint:  " + DisplayText.Safe(hint));
        }
    }
}
