using System.Globalization;
using System.Text.Json;
using CasFunctions.Providers;

namespace CasFunctions.Benchmarks.Discarding;

/// <summary>
/// A provider that takes everything and keeps nothing, so that what is measured is the service alone. Its setting <c>milliseconds</c>
/// makes each part take that long, as with a store that is far away.
/// </summary>
internal sealed class DiscardProvider : IBlobProvider
{
    /// <summary>The provider's name.</summary>
    public const string KindName = "discard";

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <summary>A backend of this kind, as the API takes it.</summary>
    /// <param name="milliseconds">How long a part takes.</param>
    public static object Backend(int milliseconds = 0) => new
    {
        name = "nowhere",
        provider = KindName,
        maxBytes = 64L << 30,
        @default = true,
        settings = new { milliseconds },
    };

    /// <inheritdoc/>
    public BackendConfiguration Configure(string organization, JsonElement settings, JsonElement? credentials) =>
        new("nowhere", settings.GetProperty("milliseconds").GetInt32().ToString(CultureInfo.InvariantCulture), null);

    /// <inheritdoc/>
    public string ConfigureCredentials(string organization, string settings, JsonElement credentials) =>
        throw new BackendSettingsException("credentials", "There are none.");

    /// <inheritdoc/>
    public IBlobStore Open(BackendConnection connection) =>
        new DiscardStore(TimeSpan.FromMilliseconds(int.Parse(connection.Settings, CultureInfo.InvariantCulture)));
}
