using CasFunctions.Providers.Oci;

namespace CasFunctions.Tests.Providers.Oci;

public sealed class OciRepositoryTests
{
    [Theory]
    [InlineData("us-east1-docker.pkg.dev/my-project/chainloop-cas-devel", "us-east1-docker.pkg.dev/my-project/chainloop-cas-devel/cas")]
    [InlineData("us-east1-docker.pkg.dev/my-project/repo/evidence", "us-east1-docker.pkg.dev/my-project/repo/evidence")]
    [InlineData("europe-docker.pkg.dev/example.com/proj/repo", "europe-docker.pkg.dev/example.com/proj/repo/cas")]
    [InlineData("europe-docker.pkg.dev/example.com/proj/repo/image", "europe-docker.pkg.dev/example.com/proj/repo/image")]
    [InlineData("chainloopcas.azurecr.io/cas", "chainloopcas.azurecr.io/cas")]
    [InlineData("ghcr.io/chainloop-dev/chainloop-cas", "ghcr.io/chainloop-dev/chainloop-cas")]
    [InlineData("GHCR.io/org/repo", "ghcr.io/org/repo")]
    [InlineData("ghcr.io:443/org/repo", "ghcr.io/org/repo")]
    [InlineData("index.docker.io/octocat", "docker.io/octocat/cas")]
    [InlineData("docker.io/octocat/evidence", "docker.io/octocat/evidence")]
    [InlineData("registry-1.docker.io/octocat", "docker.io/octocat/cas")]
    [InlineData("127.0.0.1:5000/cas", "127.0.0.1:5000/cas")]
    [InlineData("localhost/a", "localhost/a")]
    [InlineData("[2001:db8::1]:5000/a", "[2001:db8::1]:5000/a")]
    [InlineData("r.example.com/a__b/c.d/e---f/0", "r.example.com/a__b/c.d/e---f/0")]
    [InlineData("quay.io/org", "quay.io/org")]
    public void Names_as_people_write_them_come_into_one_spelling(string entry, string location)
    {
        Assert.True(OciRepository.TryParse(entry, out var repository, out _));

        Assert.Equal(location, repository.Location);
        Assert.True(OciRepository.TryParse(location, out var again, out _));
        Assert.Equal(repository, again);
    }

    [Theory]
    [InlineData("", "host name")]
    [InlineData("ghcr.io", "host name")]
    [InlineData("org/repo", "host name")]
    [InlineData("https://ghcr.io/org/repo", "scheme")]
    [InlineData("oci://ghcr.io/org/repo", "scheme")]
    [InlineData("user:password@ghcr.io/org/repo", "user names")]
    [InlineData("ghcr.io/org/repo@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "digests")]
    [InlineData("ghcr.io/org/repo:latest", "tag")]
    [InlineData("ghcr.io/", "segments")]
    [InlineData("ghcr.io/org/", "segments")]
    [InlineData("ghcr.io//repo", "segments")]
    [InlineData("ghcr.io/Org/repo", "lowercase")]
    [InlineData("ghcr.io/org/../repo", "segments")]
    [InlineData("ghcr.io/org/a..b", "segments")]
    [InlineData("ghcr.io/org/a___b", "segments")]
    [InlineData("ghcr.io/org/repo?x=1", "segments")]
    [InlineData("ghcr.io/org/repo\n", "segments")]
    [InlineData("ghcr.io/org/a%2fb", "segments")]
    [InlineData(" ghcr.io/org/repo", "host name")]
    [InlineData("2130706433:80/a", "host name")]
    [InlineData("127.1/a", "host name")]
    [InlineData("ghcr.io:99999/a", "host name")]
    [InlineData("gh\u00e7r.io/a", "host name")]
    [InlineData("ghcr.io?/a", "host name")]
    [InlineData("us-east1-docker.pkg.dev/my-project", "project")]
    [InlineData("us-east1-docker.pkg.dev/example.com/my-project", "project")]
    public void Other_entries_are_refused_with_what_to_write_instead(string entry, string hint)
    {
        Assert.False(OciRepository.TryParse(entry, out _, out var problem));

        Assert.Contains(hint, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("password", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_longer_than_clients_take_are_refused()
    {
        Assert.True(OciRepository.TryParse("r.example.com/" + new string('a', 241), out _, out _));
        Assert.False(OciRepository.TryParse("r.example.com/" + new string('a', 242), out _, out var problem));
        Assert.Contains("255", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("index.docker.io/octocat", false, "https://registry-1.docker.io/")]
    [InlineData("ghcr.io/org/repo", false, "https://ghcr.io/")]
    [InlineData("127.0.0.1:5000/cas", true, "http://127.0.0.1:5000/")]
    public void The_api_is_asked_with_tls_unless_the_operator_allows_less(string entry, bool plain, string address)
    {
        Assert.True(OciRepository.TryParse(entry, out var repository, out _));

        Assert.Equal(new Uri(address), repository.Address(_ => plain));
    }
}
