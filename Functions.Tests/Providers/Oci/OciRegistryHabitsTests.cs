using System.Net.Sockets;
using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using static CasFunctions.Tests.Providers.Oci.OciTesting;

namespace CasFunctions.Tests.Providers.Oci;

/// <summary>Authentication, reading and refusals at registries with other habits than the distribution project's.</summary>
public sealed class OciRegistryHabitsTests : IAsyncLifetime
{
    private static readonly OciCredentials Known = new(FakeRegistry.Username, FakeRegistry.Password);

    private FakeRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await FakeRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_token_that_ends_while_the_body_is_sent_fails_the_upload_for_now()
    {
        _registry.WithTokens();
        _registry.Before = async context =>
        {
            if (context.Request.Method == "PATCH")
            {
                await context.Request.Body.ReadExactlyAsync(new byte[1], Cancellation);
                _registry.RevokeTokens();
            }

            return false;
        };
        var content = Random((2 * PartSize) + 1);

        // It is too late to send the body again; another try with a new upload may do better.
        Assert.Equal(ProviderErrorKind.Unavailable, await FailsAsync(() => Store().StreamAsync(Describe(content), content)));
    }

    [Fact]
    public async Task Tokens_that_end_between_the_body_and_the_last_step_are_renewed()
    {
        _registry.WithTokens();
        _registry.PatchLocation = id =>
        {
            _registry.RevokeTokens();
            return _registry.Location(id);
        };
        var content = Random((2 * PartSize) + 1);

        Assert.Equal(CommitOutcome.Committed, await Store().StreamAsync(Describe(content), content));
    }

    [Theory]
    [InlineData("index.docker.io/octocat", 2)]
    [InlineData("docker.io/octocat/evidence", 2)]
    [InlineData("us-east1-docker.pkg.dev/my-project/evidence", 3)]
    [InlineData("us-east1-docker.pkg.dev/my-project/evidence/sboms", 3)]
    public async Task Names_as_people_write_them_can_be_pushed_to(string entry, int segments)
    {
        _registry.NameSegments = segments;
        Assert.True(OciRepository.TryParse(entry, out var repository, out _));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            // Whatever the host, it is this registry.
            ConnectCallback = async (_, token) =>
            {
                var client = new TcpClient();
                await client.ConnectAsync(_registry.Address.Host, _registry.Address.Port, token);
                return client.GetStream();
            },
        });
        var transport = new RegistryTransport(http, _ => true, TimeProvider.System);
        var client = new OciRegistryClient(transport, new RegistryAuthenticator(transport, repository, null), repository);

        await client.StartUploadAsync(Cancellation);

        Assert.Single(_registry.Uploads);
        Assert.Null(await client.GetManifestAsync("cas-0", RegistryRight.Pull, Cancellation));
    }

    [Fact]
    public async Task A_streamed_body_and_its_last_step_start_with_a_new_token()
    {
        _registry.WithTokens();
        var content = Random(PartSize + 1);

        await Store().StreamAsync(Describe(content), content);

        var known = _registry.Requests.Where(request => request.Authorization?.StartsWith("Bearer", StringComparison.Ordinal) is true);
        var steps = known.Where(request => request.Method is "POST" or "PATCH" or "PUT").Take(3).ToArray();
        Assert.Equal(["POST", "PATCH", "PUT"], steps.Select(request => request.Method), StringComparer.Ordinal);
        Assert.Equal(3, steps.Select(request => request.Authorization).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_token_that_is_refused_before_the_body_costs_nothing()
    {
        _registry.WithTokens();
        var refused = 0;
        _registry.Before = context =>
        {
            if (context.Request.Method == "PATCH" && Interlocked.Increment(ref refused) == 1)
            {
                _registry.RevokeTokens();
            }

            return Task.FromResult(false);
        };
        var content = Random((2 * PartSize) + 1);

        Assert.Equal(CommitOutcome.Committed, await Store().StreamAsync(Describe(content), content));

        Assert.Equal(content, _registry.Blobs[Sha256Digest.Of(content).ToString()]);
        Assert.Equal(3, refused);
    }

    [Theory]
    [InlineData("""{"token":"%","expires_in":300}""", 280, 290)]
    [InlineData("""{"access_token":"%","expires_in":"300"}""", 280, 290)]
    [InlineData("""{"token":"%","access_token":"%"}""", 44, 46)]
    [InlineData("""{"token":"%","expires_in":20}""", 14, 16)]
    public async Task Tokens_are_used_until_shortly_before_they_expire(string answer, int good, int old)
    {
        _registry.WithTokens();
        _registry.TokenAnswer = token => answer.Replace("%", token, StringComparison.Ordinal);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = Open([_registry.Address], "a/b", Known, time);
        async Task<int> TokensAfterAsync(int seconds)
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            await store.FindAsync(default, Cancellation);
            return _registry.Requests.Count(request => request.Path == "/token");
        }

        Assert.Equal(1, await TokensAfterAsync(0));
        Assert.Equal(1, await TokensAfterAsync(good));
        Assert.Equal(2, await TokensAfterAsync(old - good));
    }

    [Theory]
    [InlineData("https://10.1.2.3/token")]
    [InlineData("http://192.0.2.1/token")]
    public async Task Realms_that_the_guard_refuses_get_no_credentials(string realm)
    {
        _registry.Realm = realm;

        Assert.Equal(ProviderErrorKind.AddressRefused, await FailsAsync(() => Store().ProbeAsync(Cancellation)));
    }

    [Fact]
    public async Task A_challenge_without_tls_does_not_send_the_password_to_another_host()
    {
        await using var other = await FakeRegistry.StartAsync();
        var realm = new UriBuilder(other.Address) { Host = "localhost", Path = "/token" }.Uri;
        _registry.Realm = realm.ToString();

        Assert.Equal(
            ProviderErrorKind.AddressRefused,
            await FailsAsync(() => Open([_registry.Address, realm], "a/b", Known).ProbeAsync(Cancellation)));

        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Credentials_without_the_right_to_push_are_told_from_wrong_ones()
    {
        _registry.WithTokens();
        _registry.Granted = scope => scope.Replace("pull,push", "pull", StringComparison.Ordinal);

        Assert.Equal(ProviderErrorKind.Forbidden, await FailsAsync(() => Store().ProbeAsync(Cancellation)));
        Assert.Equal(
            ProviderErrorKind.CredentialsRefused,
            await FailsAsync(() => Open([_registry.Address], "a/b", Known with { Password = "x" }).ProbeAsync(Cancellation)));
        Assert.Null(await Store().FindAsync(default, Cancellation));
    }

    [Fact]
    public async Task A_probe_finds_a_missing_right_to_read()
    {
        _registry.WithTokens();
        _registry.Granted = scope => scope.EndsWith(":pull", StringComparison.Ordinal) ? "repository:a/b:" : scope;

        Assert.Equal(ProviderErrorKind.Forbidden, await FailsAsync(() => Store().ProbeAsync(Cancellation)));
    }

    [Theory]
    [InlineData(404, "NAME_UNKNOWN", ProviderErrorKind.Misconfigured)]
    [InlineData(400, "NAME_INVALID", ProviderErrorKind.Misconfigured)]
    [InlineData(403, "DENIED", ProviderErrorKind.Forbidden)]
    [InlineData(405, "UNSUPPORTED", ProviderErrorKind.Misconfigured)]
    [InlineData(301, "x", ProviderErrorKind.Unexpected)]
    public async Task Refusals_are_told_in_plain_words(int status, string code, ProviderErrorKind kind)
    {
        _registry.Before = async context =>
        {
            var post = context.Request.Method == "POST";
            if (post)
            {
                await FakeRegistry.FailAsync(context, status, code);
            }

            return post;
        };

        var failure = await Assert.ThrowsAsync<ProviderException>(() => Store().ProbeAsync(Cancellation));

        Assert.Equal(kind, failure.Kind);
        Assert.Contains(_registry.Address.Authority, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret text", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_registry_is_told_as_such()
    {
        _registry.Before = context => Task.FromResult((context.Response.StatusCode = 404) == 404);

        Assert.Equal(ProviderErrorKind.Misconfigured, await FailsAsync(() => Store().ProbeAsync(Cancellation)));
    }

    [Fact]
    public async Task A_pause_that_the_registry_asks_for_is_kept_and_the_call_repeated()
    {
        var clock = TimeProvider.System;
        long refused = 0, repeated = 0;
        _registry.Before = async context =>
        {
            if (repeated > 0 || context.Request.Method != "POST")
            {
                return false;
            }

            if (refused > 0)
            {
                repeated = clock.GetTimestamp();
                return false;
            }

            refused = clock.GetTimestamp();
            context.Response.Headers.RetryAfter = "1";
            await FakeRegistry.FailAsync(context, StatusCodes.Status429TooManyRequests, "TOOMANYREQUESTS");
            return true;
        };

        Assert.Equal(CommitOutcome.Committed, await Store().PutAsync(Describe([1]), [1]));

        Assert.InRange(clock.GetElapsedTime(refused, repeated), TimeSpan.FromSeconds(0.95), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_pause_beyond_the_budget_is_passed_on_at_once()
    {
        _registry.Before = async context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            await FakeRegistry.FailAsync(context, StatusCodes.Status503ServiceUnavailable, "UNAVAILABLE");
            return true;
        };

        var failure = await Assert.ThrowsAsync<ProviderException>(() => Store().PutAsync(Describe([1]), [1]));

        Assert.Equal(ProviderErrorKind.Unavailable, failure.Kind);
        Assert.Equal(TimeSpan.FromHours(1), failure.RetryAfter);
        Assert.Single(_registry.Requests);
    }

    [Fact]
    public async Task Registries_that_ignore_ranges_are_cut_to_the_window()
    {
        _registry.IgnoresRanges = true;
        var content = Random(300_000);
        await Store().PutAsync(Describe(content), content);

        Assert.Equal(content[200_000..200_500], await Store().ReadAsync(Sha256Digest.Of(content), 200_000, 500));
    }

    [Fact]
    public async Task Redirects_to_storage_are_followed_without_credentials()
    {
        await using var storage = await FakeRegistry.StartAsync();
        _registry.WithTokens();
        var content = Random(1000);
        var digest = Sha256Digest.Of(content);
        var store = Store(storage.Address);
        await store.PutAsync(Describe(content), content);
        storage.Blobs[digest.ToString()] = content;
        _registry.BlobRedirect = blob => new Uri(storage.Address, $"/bucket/blobs/{blob}?signature=1").ToString();

        Assert.Equal(content[10..20], await store.ReadAsync(digest, 10, 10));
        Assert.Equal(1000, (await store.FindAsync(digest, Cancellation))!.Size);

        Assert.Equal(2, storage.Requests.Count);
        Assert.All(storage.Requests, request => Assert.Null(request.Authorization));
        _registry.BlobRedirect = blob => $"/v2/a/b/blobs/{blob}";
        Assert.Equal(ProviderErrorKind.Unexpected, await FailsAsync(() => store.OpenReadAsync(digest, 0, 1, Cancellation)));
        _registry.BlobRedirect = _ => "http://169.254.169.254/latest";
        Assert.Equal(ProviderErrorKind.AddressRefused, await FailsAsync(() => store.OpenReadAsync(digest, 0, 1, Cancellation)));
    }

    private IBlobStore Store(params Uri[] others) => Open([_registry.Address, .. others], "a/b", Known);
}
