using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// A repository of a registry, such as <c>ghcr.io/org/repo</c>. Written as people write it: Docker Hub is <c>docker.io</c> here
/// and <see cref="Address"/> knows where it really answers.
/// </summary>
public sealed partial record OciRepository
{
    /// <summary>The image name that is used where the owner's entry stops at what holds images.</summary>
    public const string DefaultImage = "cas";

    private const string DockerHub = "docker.io";
    private const string GoogleSuffix = "-docker.pkg.dev";

    /// <summary>Longest registry and name together that clients are sure to take, by the distribution specification.</summary>
    private const int MaxLength = 255;

    private OciRepository(string registry, string name)
    {
        Registry = registry;
        Name = name;
    }

    /// <summary>The registry's host, with its port unless that is 443.</summary>
    public string Registry { get; }

    /// <summary>The repository's name within the registry, as it stands in the paths of the distribution specification.</summary>
    public string Name { get; }

    /// <summary>The whole name in its one spelling, <c>registry/name</c>.</summary>
    public string Location => $"{Registry}/{Name}";

    /// <summary>
    /// Reads what an owner entered. Host names of Docker Hub become one, and <c>/cas</c> is appended where Docker Hub
    /// (<c>index.docker.io/user</c>) or Google Artifact Registry (<c>region-docker.pkg.dev/project/repository</c>) lack the image
    /// name without which nothing can be pushed.
    /// </summary>
    /// <param name="text">The entry.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="problem">What is wrong, for the owner. Repeats nothing of the entry.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out OciRepository? repository, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        repository = null;
        if (text.Contains("://", StringComparison.Ordinal))
        {
            problem = "Leave out the scheme: begin with the registry's host name, as in ghcr.io/org/repo.";
            return false;
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            problem = "Leave out user names and digests: only the repository is meant, as in ghcr.io/org/repo.";
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryReadRegistry(text[..slash], out var registry))
        {
            problem = "Begin with the registry's host name and add the repository, as in ghcr.io/org/repo.";
            return false;
        }

        var name = text[(slash + 1)..];
        if (name.Contains(':', StringComparison.Ordinal))
        {
            problem = "Leave out the tag: only the repository is meant, as in ghcr.io/org/repo.";
            return false;
        }

        if (!NameGrammar().IsMatch(name))
        {
            problem = "After the registry come segments of lowercase letters and digits, with single '.', '_' or '-' between them, "
                + "separated by '/'.";
            return false;
        }

        if (!TryComplete(registry, ref name))
        {
            problem = "Google Artifact Registry needs a project and a repository: region-docker.pkg.dev/project/repository.";
            return false;
        }

        if (registry.Length + 1 + name.Length > MaxLength)
        {
            problem = $"The name is longer than {MaxLength} characters.";
            return false;
        }

        repository = new OciRepository(registry, name);
        problem = null;
        return true;
    }

    /// <summary>The address under which the registry's API begins, ending in <c>/</c>.</summary>
    /// <param name="allowsPlainHttp">Whether the operator lets an address be spoken to without TLS.</param>
    public Uri Address(Func<Uri, bool> allowsPlainHttp)
    {
        ArgumentNullException.ThrowIfNull(allowsPlainHttp);
        var host = IsDockerHub(Registry) ? "registry-1.docker.io" : Registry;
        var plain = new Uri($"http://{host}/");
        return allowsPlainHttp(plain) ? plain : new Uri($"https://{host}/");
    }

    private static bool IsDockerHub(string registry) => registry is DockerHub;

    private static bool TryReadRegistry(string text, out string registry)
    {
        registry = text.ToLowerInvariant();
        if (registry.EndsWith(":443", StringComparison.Ordinal))
        {
            registry = registry[..^4];
        }

        // As in Docker's references, a first segment that is no host name is a part of the path, and then there is no registry.
        var looksLikeHost = registry.AsSpan().ContainsAny('.', ':') || registry is "localhost";

        // Other spellings of an address (decimal or shortened numbers, encoded or non-ASCII letters) come back changed.
        // The one letter outside of ASCII whose lower case is within, the Kelvin sign, is no k here.
        if (!looksLikeHost || !text.All(char.IsAscii) || !Uri.TryCreate($"https://{registry}/", UriKind.Absolute, out var address)
            || !string.Equals(address.Authority, registry, StringComparison.Ordinal))
        {
            return false;
        }

        if (registry is "index.docker.io" or "registry-1.docker.io" or "registry.hub.docker.com")
        {
            registry = DockerHub;
        }

        return true;
    }

    private static bool TryComplete(string registry, ref string name)
    {
        var segments = name.Split('/');
        var without = IsDockerHub(registry) ? 1 : 0;
        if (registry.EndsWith(GoogleSuffix, StringComparison.Ordinal))
        {
            // Projects of an organization's domain take two segments: example.com/project.
            without = segments[0].Contains('.', StringComparison.Ordinal) ? 3 : 2;
            if (segments.Length < without)
            {
                return false;
            }
        }

        if (segments.Length == without)
        {
            name = $"{name}/{DefaultImage}";
        }

        return true;
    }

    /// <summary>The grammar of names in the OCI distribution specification 1.1.</summary>
    [GeneratedRegex(
        @"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NameGrammar();
}
