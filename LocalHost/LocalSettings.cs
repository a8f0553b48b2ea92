using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace CasFunctions.LocalHost;

/// <summary>
/// The settings file of Azure's local tools. Those tools turn its <c>Values</c> into environment variables unless the environment
/// already has them, so here they rank just below the environment.
/// </summary>
internal static class LocalSettings
{
    private const string FileName = "local.settings.json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static void AddTo(ConfigurationManager configuration, string folder)
    {
        if (Find(folder) is not { } file)
        {
            return;
        }

        var sources = ((IConfigurationBuilder)configuration).Sources;
        var environment = sources.OfType<EnvironmentVariablesConfigurationSource>().Last(source => string.IsNullOrEmpty(source.Prefix));
        sources.Insert(sources.IndexOf(environment), new MemoryConfigurationSource { InitialData = Read(file) });
    }

    /// <summary>The file, looked for as the tools do: in the first folder upward that holds it or host.json.</summary>
    private static string? Find(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            var file = Path.Combine(current.FullName, FileName);
            if (File.Exists(file))
            {
                return file;
            }

            if (File.Exists(Path.Combine(current.FullName, "host.json")))
            {
                return null;
            }
        }

        return null;
    }

    private static Dictionary<string, string?> Read(string file)
    {
        using var document = Parse(file);
        var root = document.RootElement;
        if (root.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
        {
            throw new InvalidOperationException($"{file} is encrypted; only Azure's tools can read it (func settings decrypt).");
        }

        return root.TryGetProperty("Values", out var values)
            ? values.EnumerateObject().ToDictionary(
                value => value.Name.Replace("__", ":", StringComparison.Ordinal),
                value => (string?)value.Value.ToString(),
                StringComparer.OrdinalIgnoreCase)
            : [];
    }

    private static JsonDocument Parse(string file)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file), Lenient);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{file} isn't valid JSON: {e.Message}", e);
        }
    }
}
