using System.Text;
using System.Text.Json.Serialization;

namespace CasFunctions.Cli.Backends;

/// <summary>A request to add a backend.</summary>
internal sealed record NewBackend
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>oci</c>, <c>aws-s3</c> or <c>azure-blob</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>What the owner says of it.</summary>
    public string? Description { get; init; }

    /// <summary>Largest content in bytes.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Whether it becomes the default.</summary>
    public bool? Default { get; init; }

    /// <summary>Whether it becomes the fallback.</summary>
    public bool? Fallback { get; init; }

    /// <summary>Where it is.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>How it is reached.</summary>
    public IReadOnlyDictionary<string, string>? Credentials { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Name = ").Append(Name);
        return true;
    }
}

/// <summary>A request to change a backend; what is absent stays.</summary>
internal sealed record BackendChange
{
    /// <summary>What the owner says of it.</summary>
    public string? Description { get; init; }

    /// <summary>Largest content in bytes.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Whether it is the default.</summary>
    public bool? Default { get; init; }

    /// <summary>Whether it is the fallback.</summary>
    public bool? Fallback { get; init; }

    /// <summary>Whether the default before becomes the fallback when the fallback becomes the default.</summary>
    public bool? Swap { get; init; }

    /// <summary>Whether a backend that doesn't work is taken all the same.</summary>
    public bool? Force { get; init; }

    /// <summary>New credentials in place of the old.</summary>
    public IReadOnlyDictionary<string, string>? Credentials { get; init; }

    /// <summary>True when nothing would change.</summary>
    [JsonIgnore]
    public bool IsEmpty => this is { Description: null, MaxBytes: null, Default: null, Fallback: null, Credentials: null };

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Default = ").Append(Default);
        return true;
    }
}
