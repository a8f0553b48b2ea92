using System.CommandLine;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Backends;

/// <summary>The options of the inline backend, which has neither place nor credentials.</summary>
internal sealed class InlineOptions : IProviderOptions
{
    /// <inheritdoc/>
    public string Provider => "inline";

    /// <inheritdoc/>
    public string Meaning => "Inline backend, which embeds content in attestations";

    /// <inheritdoc/>
    public IEnumerable<Option> Places => [];

    /// <inheritdoc/>
    public IEnumerable<Option> Access => [];

    /// <inheritdoc/>
    public (string[] Add, string[] Update) Examples => ([], ["cas backend update inline --name inline --default=true"]);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> ReadSettings(CommandRun run) => Members.Of();

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>?> ReadCredentialsAsync(CommandRun run, bool isNew) =>
        Task.FromResult<IReadOnlyDictionary<string, string>?>(null);
}
