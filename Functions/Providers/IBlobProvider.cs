using System.Text;
using System.Text.Json;

namespace CasFunctions.Providers;

/// <summary>
/// A kind of storage that backends can use. Reads and checks what an owner enters, and opens stores from it. Holds no state
/// of a single backend.
/// </summary>
public interface IBlobProvider
{
    /// <summary>The provider's name in the API: <c>azure-blob</c>, <c>aws-s3</c>, <c>oci</c> or <c>inline</c>.</summary>
    string Kind { get; }

    /// <summary>True when the parts of an upload stay at the store between requests, see <see cref="IBlobUpload.CanResume"/>.</summary>
    bool KeepsParts => true;

    /// <summary>
    /// True when the parts of an upload that is neither completed nor dropped stay at the store for ever, see
    /// <see cref="IBlobStore.DropAbandonedAsync"/>.
    /// </summary>
    bool KeepsAbandoned => false;

    /// <summary>
    /// Checks what an owner entered for a new backend and brings it into the form that is stored.
    /// </summary>
    /// <param name="organization">The organization that the backend will belong to.</param>
    /// <param name="settings">The <c>settings</c> object of the request: where the backend is. Never secret.</param>
    /// <param name="credentials">The <c>credentials</c> object of the request, or null where it was absent.</param>
    /// <exception cref="BackendSettingsException">A field is missing, malformed or not allowed by the operator.</exception>
    BackendConfiguration Configure(string organization, JsonElement settings, JsonElement? credentials);

    /// <summary>
    /// Checks new credentials for a backend whose place does not change.
    /// </summary>
    /// <param name="organization">The organization that owns the backend.</param>
    /// <param name="settings">The settings as <see cref="Configure"/> stored them.</param>
    /// <param name="credentials">The <c>credentials</c> object of the request.</param>
    /// <returns>The secret to store, a JSON document.</returns>
    /// <exception cref="BackendSettingsException">A field is missing, malformed or not allowed by the operator.</exception>
    string ConfigureCredentials(string organization, string settings, JsonElement credentials);

    /// <summary>
    /// Opens a store. Makes no call: wrong credentials show at the first use. Stores are cached by the caller, used by many
    /// requests at once, and disposed of by nobody.
    /// </summary>
    IBlobStore Open(BackendConnection connection);
}

/// <summary>A backend's place and credentials in stored form.</summary>
/// <param name="Location">What a person reads as the backend's place, such as <c>https://acct.blob.core.windows.net/cas</c>.</param>
/// <param name="Settings">The provider's settings as a JSON document without secrets.</param>
/// <param name="Credentials">The provider's secret as a JSON document, or null where it needs none.</param>
public sealed record BackendConfiguration(string Location, string Settings, string? Credentials)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Location = ").Append(Location);
        return true;
    }
}

/// <summary>What <see cref="IBlobProvider.Open"/> needs to reach one backend.</summary>
/// <param name="Organization">The organization that owns the backend.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Settings">See <see cref="BackendConfiguration.Settings"/>.</param>
/// <param name="Credentials">See <see cref="BackendConfiguration.Credentials"/>.</param>
public sealed record BackendConnection(string Organization, string Backend, string Settings, string? Credentials)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Organization = ").Append(Organization).Append(", Backend = ").Append(Backend);
        return true;
    }
}

/// <summary>What an owner entered for a backend can't be used. The message is for them and holds no secret.</summary>
/// <param name="field">The field at fault, as the request names it, such as <c>settings.bucket</c>.</param>
/// <param name="message">What is wrong and what would be right.</param>
public sealed class BackendSettingsException(string field, string message) : Exception(message)
{
    /// <summary>The field at fault, as the request names it.</summary>
    public string Field { get; } = field;
}
