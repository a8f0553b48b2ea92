using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CasFunctions.Providers;

/// <summary>Reads what an owner enters into a provider's own records.</summary>
public static class ProviderJson
{
    /// <summary>Reads an object whose unknown members are refused by the record's serialization options.</summary>
    /// <param name="value">The object of the request.</param>
    /// <param name="field">Its name in the request, <c>settings</c> or <c>credentials</c>.</param>
    /// <param name="type">The record to read it into.</param>
    /// <exception cref="BackendSettingsException">It isn't such an object.</exception>
    public static T Read<T>(JsonElement value, string field, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return value.Deserialize(type) ?? throw new BackendSettingsException(field, $"'{field}' must be an object.");
        }
        catch (JsonException failure)
        {
            var place = failure.Path is { Length: > 2 } path ? field + path[1..] : field;
            throw new BackendSettingsException(place, $"'{place}' is unknown to this provider or not of the right type.");
        }
    }

    /// <summary>Reads a record that this service stored itself.</summary>
    public static T ReadStored<T>(string json, JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(json, type) ?? throw new InvalidOperationException("A stored document is empty.");
}
