namespace CasFunctions.Backends;

/// <summary>All backends of an organization and which of them are selected, as one read found them.</summary>
public sealed class BackendSet
{
    /// <summary>Puts a set together. A selection that names a backend that was removed counts as none.</summary>
    /// <param name="backends">The backends, by name.</param>
    /// <param name="selection">The names that are selected.</param>
    public BackendSet(IReadOnlyDictionary<string, Backend> backends, BackendSelection selection)
    {
        ArgumentNullException.ThrowIfNull(backends);
        ArgumentNullException.ThrowIfNull(selection);
        Backends = backends;
        Default = Find(selection.Default) is { ArchivedAt: null } first ? first.Name : null;
        Fallback = Find(selection.Fallback) is { ArchivedAt: null } second && second.Name != Default ? second.Name : null;
    }

    /// <summary>The backends, by name, those included that are archived.</summary>
    public IReadOnlyDictionary<string, Backend> Backends { get; }

    /// <summary>The name of the default backend; null when there is none.</summary>
    public string? Default { get; }

    /// <summary>The name of the fallback backend; null when there is none. Never the default.</summary>
    public string? Fallback { get; }

    /// <summary>Which backends are selected.</summary>
    public BackendSelection Selection => new(Default, Fallback);

    /// <summary>The named backend, or null.</summary>
    public Backend? Find(string? name) => name is not null && Backends.TryGetValue(name, out var backend) ? backend : null;

    /// <summary>True when a backend is the default or the fallback.</summary>
    public bool IsSelected(string name) => name == Default || name == Fallback;

    /// <summary>The backends that can be read from, the default first, the fallback second, broken ones last.</summary>
    public IEnumerable<Backend> InReadingOrder() => Backends.Values
        .OrderBy(backend => backend.Status == BackendStatus.Invalid)
        .ThenByDescending(backend => backend.Name == Default)
        .ThenByDescending(backend => backend.Name == Fallback)
        .ThenBy(backend => backend.Name, StringComparer.Ordinal);
}

/// <summary>Which backends of an organization are selected.</summary>
/// <param name="Default">The name of the default backend; null for none.</param>
/// <param name="Fallback">The name of the fallback backend; null for none.</param>
public sealed record BackendSelection(string? Default, string? Fallback)
{
    /// <summary>The selection without a backend.</summary>
    public BackendSelection Without(string name) => new(Default == name ? null : Default, Fallback == name ? null : Fallback);
}
