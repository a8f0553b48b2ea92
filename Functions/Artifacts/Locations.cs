using CasFunctions.Digests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CasFunctions.Artifacts;

/// <summary>The addresses under which clients find artifacts.</summary>
public sealed class Locations(IOptions<CasOptions> options)
{
    /// <summary>An artifact's path.</summary>
    public static string PathOf(Sha256Digest digest) => "/v1/artifacts/" + digest;

    /// <summary>Makes full addresses: from the configured public address, or else from how the request came.</summary>
    public Func<Sha256Digest, string> Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var root = options.Value.PublicAddress?.ToString().TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";
        return digest => root + PathOf(digest);
    }
}
