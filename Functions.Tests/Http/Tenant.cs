using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Azure.Storage.Blobs;
using CasFunctions.Digests;
using CasFunctions.Tests.OpenApi;

namespace CasFunctions.Tests.Http;

/// <summary>
/// An organization of the tests, and its calls of the API as a client makes them. Each is held against the API's description.
/// </summary>
public sealed class Tenant
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = TimeSpan.FromMinutes(10),
    };

    private readonly string? _storage;
    private readonly Lazy<BlobContainerClient> _container;

    private Tenant(Uri address, string? storage, string name, string ownerToken)
    {
        Address = address;
        _storage = storage;
        Name = name;
        OwnerToken = ownerToken;
        _container = new(() => new BlobContainerClient(Storage, "c" + Guid.NewGuid().ToString("n")[..20]));
    }

    /// <summary>Where the service listens.</summary>
    public Uri Address { get; }

    /// <summary>The organization's name.</summary>
    public string Name { get; }

    /// <summary>A token that may do everything.</summary>
    public string OwnerToken { get; }

    /// <summary>The connection string of a storage account that the service can reach; skips the test where there is none.</summary>
    public string Storage => _storage ?? throw RemoteService.WithoutStorage();

    /// <summary>The container that <see cref="AddAzureAsync"/> makes a backend of, seen past the service.</summary>
    public BlobContainerClient Container => _container.Value;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Creates an organization.</summary>
    /// <param name="address">Where the service listens.</param>
    /// <param name="storage">The connection string of a storage account that it can reach, if any.</param>
    /// <param name="name">Its name; one of its own when null.</param>
    public static async Task<Tenant> CreateAsync(Uri address, string? storage, string? name = null)
    {
        name ??= "t" + Guid.NewGuid().ToString("n")[..12];
        var reply = await CallAsync(address, HttpMethod.Post, "/v1/organizations", RemoteService.RootKey, JsonContent.Create(new { name, owners = new[] { "owner@example.com" } }));
        return new Tenant(address, storage, name, reply.Expect(HttpStatusCode.Created)["token"]!);
    }

    /// <summary>The same organization as another instance of the service serves it.</summary>
    public Tenant At(Uri address) => new(address, _storage, Name, OwnerToken);

    /// <summary>Adds a backend on the tenant's container and makes it the default.</summary>
    public async Task<Tenant> AddAzureAsync(string name = "azure", long maxBytes = 64L << 30)
    {
        var reply = await PostAsync("/v1/backends", new
        {
            name,
            provider = "azure-blob",
            maxBytes,
            @default = true,
            settings = new { container = Container.Name },
            credentials = new { connectionString = Storage },
        });
        reply.Expect(HttpStatusCode.Created);
        return this;
    }

    /// <summary>Makes a token.</summary>
    public async Task<string> NewTokenAsync(string role) => (await PostAsync("/v1/tokens", new { name = "test", role })).Expect(HttpStatusCode.Created)["token"]!;

    /// <summary>A call without a body.</summary>
    public Task<ApiReply> GetAsync(string path, string? token = null) => CallAsync(Address, HttpMethod.Get, path, token ?? OwnerToken, null);

    /// <summary>A call with a JSON body.</summary>
    public Task<ApiReply> PostAsync(string path, object body, string? token = null) =>
        CallAsync(Address, HttpMethod.Post, path, token ?? OwnerToken, JsonContent.Create(body));

    /// <summary>A call with a JSON body.</summary>
    public Task<ApiReply> PatchAsync(string path, object body, string? token = null) =>
        CallAsync(Address, HttpMethod.Patch, path, token ?? OwnerToken, JsonContent.Create(body));

    /// <summary>A call that removes something.</summary>
    public Task<ApiReply> DeleteAsync(string path, string? token = null) => CallAsync(Address, HttpMethod.Delete, path, token ?? OwnerToken, null);

    /// <summary>Any call.</summary>
    public Task<ApiReply> SendAsync(HttpMethod method, string path, string? token, HttpContent? content, params (string Name, string Value)[] fields) =>
        CallAsync(Address, method, path, token, content, fields);

    /// <summary>Asks for a session for a content.</summary>
    public Task<ApiReply> CreateUploadAsync(Sha256Digest digest, long size, string? name = null, string? token = null, string? backend = null) =>
        PostAsync("/v1/uploads", new { digest = digest.ToString(), size, name, backend }, token);

    /// <summary>Asks for a session and returns its address; fails the test when none was made.</summary>
    public async Task<string> NewUploadAsync(Sha256Digest digest, long size, string? name = null) =>
        (await CreateUploadAsync(digest, size, name)).Expect(HttpStatusCode.Created)["uploadUrl"]!;

    /// <summary>Sends a whole content to a session.</summary>
    public Task<ApiReply> PutAsync(string upload, byte[] content, bool chunked = true, params (string Name, string Value)[] fields) =>
        CallAsync(Address, HttpMethod.Put, upload, null, Content(content, chunked), fields);

    /// <summary>Stores a content in one call.</summary>
    public Task<ApiReply> PutArtifactAsync(byte[] content, string? name = null, string? token = null, bool chunked = false) => CallAsync(
        Address,
        HttpMethod.Put,
        $"/v1/artifacts/{Sha256Digest.Of(content)}" + (name is null ? "" : "?name=" + Uri.EscapeDataString(name)),
        token ?? OwnerToken,
        Content(content, chunked));

    /// <summary>Opens an artifact for reading bit by bit.</summary>
    public async Task<HttpResponseMessage> OpenAsync(Sha256Digest digest, string? range = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, $"/v1/artifacts/{digest}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", OwnerToken);
        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    /// <summary>The names of all blobs in the tenant's container, uncommitted ones included.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync() =>
        await Container.GetBlobsAsync(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, null, Cancellation)
            .Select(blob => blob.Name)
            .ToListAsync(Cancellation);

    private static HttpContent Content(byte[] content, bool chunked) => chunked ? new StreamContent(new ForwardStream(content)) : new ByteArrayContent(content);

    private static async Task<ApiReply> CallAsync(
        Uri address, HttpMethod method, string path, string? token, HttpContent? content, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // As curl does: a refusal then comes instead of the body, not in the middle of it.
        request.Headers.ExpectContinue = content is not null and not JsonContent;
        using var reply = await Client.SendAsync(request, Cancellation);
        var read = await ApiReply.ReadAsync(reply, Cancellation);
        await ApiContract.CheckAsync(request, content, read);
        return read;
    }

    /// <summary>A stream without a length, so that the client sends it chunked.</summary>
    private sealed class ForwardStream(byte[] content) : MemoryStream(content, writable: false)
    {
        public override bool CanSeek => false;
    }
}
