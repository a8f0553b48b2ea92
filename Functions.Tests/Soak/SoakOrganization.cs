using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Soak;

/// <summary>An organization and the backends that it has been given.</summary>
internal sealed class SoakOrganization(Tenant tenant)
{
    private volatile IReadOnlyList<SoakBackend> _backends = [];

    /// <summary>Its calls.</summary>
    public Tenant Tenant => tenant;

    /// <summary>Its name.</summary>
    public string Name => tenant.Name;

    /// <summary>All its backends but the inline one, those that were removed included.</summary>
    public IReadOnlyList<SoakBackend> Backends => _backends;

    /// <summary>Notes a backend.</summary>
    public void Add(SoakBackend backend) => _backends = [.. _backends, backend];
}
