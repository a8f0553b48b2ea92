using System.Text;
using CasFunctions.Secrets;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Secrets;

/// <summary>The store in a folder, on the real file system.</summary>
public sealed class LocalSecretStoreTests : IDisposable
{
    private const string Value = """{"secretKey":"hunter2"}""";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Place => _folder["store"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Versions_are_written_disabled_and_deleted()
    {
        var store = new LocalSecretStore(Place);
        var first = await store.WriteAsync("cas-acme-primary-1", Value, Cancellation);
        var second = await store.WriteAsync("cas-acme-primary-1", "{}", Cancellation);

        Assert.Equal(Value, await store.ReadAsync("cas-acme-primary-1", first, Cancellation));
        await store.DisableAsync("cas-acme-primary-1", first, Cancellation);
        await store.DisableAsync("cas-acme-primary-1", first, Cancellation);
        await FailsAsync(SecretStoreErrorKind.NotFound, () => store.ReadAsync("cas-acme-primary-1", first, Cancellation));
        Assert.Equal("{}", await store.ReadAsync("cas-acme-primary-1", second, Cancellation));
        await store.DeleteAsync("cas-acme-primary-1", Cancellation);
        await store.DeleteAsync("cas-acme-primary-1", Cancellation);
        await FailsAsync(SecretStoreErrorKind.NotFound, () => store.ReadAsync("cas-acme-primary-1", second, Cancellation));
    }

    [Fact]
    public async Task Two_processes_that_start_on_one_empty_folder_read_each_others_secrets()
    {
        var one = new LocalSecretStore(Place);
        var two = new LocalSecretStore(Place);

        var versions = await Task.WhenAll(one.WriteAsync("one", "1", Cancellation), two.WriteAsync("two", "2", Cancellation));

        Assert.Equal("2", await one.ReadAsync("two", versions[1], Cancellation));
        Assert.Equal("1", await two.ReadAsync("one", versions[0], Cancellation));
        Assert.Equal("1", await new LocalSecretStore(Place).ReadAsync("one", versions[0], Cancellation));
    }

    [Fact]
    public async Task Files_hold_nothing_readable_and_open_for_their_owner_only()
    {
        await new LocalSecretStore(Place).WriteAsync("name", Value, Cancellation);

        foreach (var file in Directory.EnumerateFiles(Place, "*", SearchOption.AllDirectories))
        {
            var content = await File.ReadAllTextAsync(file, Encoding.Latin1, Cancellation);
            Assert.DoesNotContain("hunter2", content, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            foreach (var folder in Directory.EnumerateDirectories(Place, "*", SearchOption.AllDirectories).Append(Place))
            {
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            }
        }
    }

    [Fact]
    public async Task A_file_that_was_changed_or_moved_to_anothers_place_is_refused()
    {
        var store = new LocalSecretStore(Place);
        var mine = await store.WriteAsync("mine", "mine", Cancellation);
        var other = await store.WriteAsync("other", "other", Cancellation);
        File.Copy(FileOf("other", other), FileOf("mine", mine), overwrite: true);
        await File.AppendAllTextAsync(FileOf("other", other), "x", Cancellation);

        await FailsAsync(SecretStoreErrorKind.Refused, () => store.ReadAsync("mine", mine, Cancellation));
        await FailsAsync(SecretStoreErrorKind.Refused, () => store.ReadAsync("other", other, Cancellation));
    }

    [Theory]
    [InlineData("..", "version")]
    [InlineData("../keys", "version")]
    [InlineData("name", "../../keys/key")]
    [InlineData("name", "")]
    [InlineData("/etc", "passwd")]
    public async Task Names_never_lead_out_of_the_folder(string name, string version)
    {
        var store = new LocalSecretStore(Place);

        await FailsAsync(SecretStoreErrorKind.Refused, () => store.ReadAsync(name, version, Cancellation));
        await FailsAsync(SecretStoreErrorKind.Refused, () => store.DisableAsync(name, version, Cancellation));
    }

    private string FileOf(string name, string version) => Path.Combine(Place, "secrets", name, version);

    private static async Task FailsAsync(SecretStoreErrorKind kind, Func<Task> call) =>
        Assert.Equal(kind, (await Assert.ThrowsAsync<SecretStoreException>(call)).Kind);
}
