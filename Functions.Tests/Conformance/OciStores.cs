using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Providers.Oci;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

/// <summary>The distribution project's registry.</summary>
public abstract class OciStore(TestServices services, RegistryAccess access) : StoreUnderTest(services)
{
    private HttpClient? _http;
    private OciRegistry? _registry;

    /// <inheritdoc/>
    public override string Name => $"oci, {access} access";

    /// <inheritdoc/>
    public override bool HealsByUpload => false;

    /// <inheritdoc/>
    public override bool RepeatsParts => false;

    /// <inheritdoc/>
    public override string? PartsStayBecause => "a registry ages unfinished uploads out, which nobody can read";

    /// <inheritdoc/>
    public override string? NoCredentialsBecause => access == RegistryAccess.Anonymous ? "the registry asks for none" : null;

    /// <inheritdoc/>
    public override string? NoMissingPlaceBecause => "this registry makes repositories at the first push";

    /// <inheritdoc/>
    public override string? PlaceStaysBecause => "this registry makes repositories at the first push";

    /// <inheritdoc/>
    protected override string? Provider => "oci";

    /// <inheritdoc/>
    protected override IEnumerable<int> MorePorts => _registry!.Tokens is { } tokens ? [tokens.Realm.Port] : [];

    /// <inheritdoc/>
    protected override object WrongCredentials => new { username = OciRegistry.UserName, password = "not the password" };

    /// <inheritdoc/>
    public override Task<string> NewPlaceAsync() => Task.FromResult(OciTesting.NewName());

    /// <inheritdoc/>
    public override async Task<byte[]?> ReadPastAsync(Sha256Digest digest)
    {
        var manifest = await Client().GetManifestAsync(EvidenceManifest.Tag(digest), RegistryRight.Pull, TestContext.Current.CancellationToken);
        return manifest is not null && EvidenceManifest.TryRead(manifest, digest, out _)
            ? await File.ReadAllBytesAsync(_registry!.BlobFile(digest.Hex))
            : null;
    }

    /// <inheritdoc/>
    /// <remarks>A registry takes no other bytes under a digest, but another's manifest can stand at the tag.</remarks>
    public override async Task PlantForeignAsync(Sha256Digest digest, byte[] bytes)
    {
        var other = new BlobDescriptor(Sha256Digest.Of(bytes), bytes.Length, "foreign", null, "foreign");
        var settings = new OciCredentials(OciRegistry.UserName, _registry!.Password);
        await OciTesting.Open(Servers(), Place, access == RegistryAccess.Anonymous ? null : settings).PutAsync(other, bytes);
        await Client().PutManifestAsync(EvidenceManifest.Tag(digest), EvidenceManifest.Write(other), TestContext.Current.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task AlterAsync(Sha256Digest digest, byte[] bytes) => File.WriteAllBytesAsync(_registry!.BlobFile(digest.Hex), bytes);

    /// <inheritdoc/>
    public override Task RemoveAsync(Sha256Digest digest)
    {
        File.Delete(_registry!.BlobFile(digest.Hex));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task<string> FetchWithOtherClientAsync(Sha256Digest digest, TemporaryFolder folder)
    {
        var skopeo = Prerequisite.Program("skopeo", "Debian package skopeo");
        var source = $"docker://{_registry!.Address.Authority}/{Place}:cas-{digest.Hex}";
        string[] credentials = access == RegistryAccess.Anonymous ? [] : ["--src-creds", $"{OciRegistry.UserName}:{_registry.Password}"];
        await ServiceProcess.RunAsync(
            skopeo, ["copy", "--src-tls-verify=false", .. credentials, source, $"dir:{folder["copy"]}"], folder.FullPath, TimeSpan.FromSeconds(60));
        return Path.Combine(folder["copy"], digest.Hex);
    }

    /// <inheritdoc/>
    public override bool IsContent(ProxiedRequest request, Sha256Digest digest) => request.Method == "PATCH";

    /// <inheritdoc/>
    public override bool IsCommit(ProxiedRequest request, Sha256Digest digest) =>
        request.Method == "PUT" && (request.Path + request.Query).Contains(digest.Hex, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task<Uri> StartServiceAsync() => (_registry = await Services.OciRegistryAsync(access)).Address;

    /// <inheritdoc/>
    protected override object BackendSettings(FaultProxy proxy, string place) => new { repository = $"{proxy.Address.Authority}/{place}" };

    /// <inheritdoc/>
    protected override object? Credentials(FaultProxy proxy) =>
        access == RegistryAccess.Anonymous ? null : new { username = OciRegistry.UserName, password = _registry!.Password };

    private IReadOnlyList<Uri> Servers() => [_registry!.Address, .. _registry.Tokens is { } tokens ? new[] { tokens.Realm } : []];

    private OciRegistryClient Client()
    {
        Assert.True(OciRepository.TryParse($"{_registry!.Address.Authority}/{Place}", out var repository, out _));
        var transport = new RegistryTransport(_http ??= new HttpClient(), _ => true, TimeProvider.System);
        var credentials = access == RegistryAccess.Anonymous ? null : new OciCredentials(OciRegistry.UserName, _registry.Password);
        return new OciRegistryClient(transport, new RegistryAuthenticator(transport, repository, credentials), repository);
    }
}

/// <summary>A registry that asks for no credentials.</summary>
public sealed class OciAnonymousStore(TestServices services) : OciStore(services, RegistryAccess.Anonymous);

/// <summary>A registry that asks for a user name and a password.</summary>
public sealed class OciBasicStore(TestServices services) : OciStore(services, RegistryAccess.Basic);

/// <summary>A registry that asks for tokens of a server on another port.</summary>
public sealed class OciTokenStore(TestServices services) : OciStore(services, RegistryAccess.Token);
