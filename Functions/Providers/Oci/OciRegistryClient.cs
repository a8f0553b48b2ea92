using System.Net;
using System.Net.Http.Headers;
using CasFunctions.Digests;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// The calls of the OCI distribution specification 1.1 that this provider needs, for one repository. Authenticates, and repeats a
/// call once after a 401; repeats nothing else. Every failure is a <see cref="ProviderException"/>.
/// </summary>
/// <param name="transport">Reaches the registry.</param>
/// <param name="authenticator">Answers its challenges.</param>
/// <param name="repository">The repository.</param>
public sealed class OciRegistryClient(RegistryTransport transport, RegistryAuthenticator authenticator, OciRepository repository)
{
    private const int MaxRedirects = 5;
    private const int MaxManifestBytes = 4 * 1024 * 1024;

    private readonly Uri _base = transport.AddressOf(repository);

    /// <summary>Checks that a registry answers there, whoever asks.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_base, "v2/"));
        var response = await transport.SendAsync(request, ProviderRetry.TryTimeout, cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound)
        {
            response.Dispose();
            throw new ProviderException(ProviderErrorKind.Misconfigured, $"{_base.Authority} is no OCI registry.");
        }

        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Unauthorized))
        {
            throw await FailAsync(response, "answer as an OCI registry", cancellationToken);
        }

        response.Dispose();
    }

    /// <summary>The size of a blob in bytes, or null when the repository has none with this digest.</summary>
    public async Task<long?> HeadBlobAsync(Sha256Digest digest, RegistryRight right, CancellationToken cancellationToken)
    {
        using var response = await ReadAsync(HttpMethod.Head, Blob(digest), right, prepare: null, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => response.Content.Headers.ContentLength
                ?? throw new ProviderException(ProviderErrorKind.Unexpected, $"{_base.Authority} does not say how large a blob is."),
            HttpStatusCode.NotFound => null,
            _ => throw await FailAsync(response, "say whether it has a blob", cancellationToken),
        };
    }

    /// <summary>
    /// Opens a blob for reading from an offset.
    /// </summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="offset">First byte to read.</param>
    /// <param name="length">Number of bytes to read, at least 1.</param>
    /// <param name="lifetime">Ends the reads of the stream.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>At most <paramref name="length"/> bytes, also when the registry ignores ranges.</returns>
    public async Task<Stream> GetBlobAsync(
        Sha256Digest digest, long offset, long length, CancellationToken lifetime, CancellationToken cancellationToken)
    {
        var range = new RangeHeaderValue(offset, offset + length - 1);
        var response = await ReadAsync(
            HttpMethod.Get, Blob(digest), RegistryRight.Pull, request => request.Headers.Range = range, cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound)
        {
            response.Dispose();
            throw new ProviderException(ProviderErrorKind.BlobNotFound, $"{_base.Authority} has no blob with this digest.");
        }

        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            throw await FailAsync(response, "let us read a blob", cancellationToken);
        }

        var skip = response.StatusCode is HttpStatusCode.OK ? offset : 0;
        if (response.StatusCode is HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From != offset)
        {
            response.Dispose();
            throw new ProviderException(ProviderErrorKind.Unexpected, $"{_base.Authority} sends another range than was asked for.");
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return new BlobWindow(response, body, skip, length, transport.Time, lifetime);
    }

    /// <summary>Opens an upload.</summary>
    /// <returns>The address that its body goes to.</returns>
    public async Task<Uri> StartUploadAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            HttpMethod.Post, Path("blobs/uploads/"), RegistryRight.Push, fresh: false, SetEmptyBody, ProviderRetry.TryTimeout,
            cancellationToken);
        return response.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Created
            ? RegistryAddress.Location(response)
            : throw await FailAsync(response, "open an upload", cancellationToken);
    }

    /// <summary>
    /// Sends the whole body of an upload in one PATCH. Asks for the registry's consent first (<c>Expect: 100-continue</c>), so that
    /// a refusal comes before the body is spent.
    /// </summary>
    /// <param name="upload">The upload's address.</param>
    /// <param name="body">The body, which knows its length and keeps its own time.</param>
    /// <param name="fresh">True when the body may take long and should start with a new token.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The upload's next address.</returns>
    public async Task<Uri> PatchUploadAsync(Uri upload, PartsContent body, bool fresh, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        using var response = await SendAsync(
            HttpMethod.Patch,
            upload,
            RegistryRight.Push,
            fresh,
            request =>
            {
                request.Content = body;
                request.Headers.ExpectContinue = true;
            },
            Timeout.InfiniteTimeSpan,
            cancellationToken);
        if (response.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Created or HttpStatusCode.NoContent)
        {
            return response.Headers.Location is null ? upload : RegistryAddress.Location(response);
        }

        if (response.StatusCode is HttpStatusCode.Unauthorized && body.Started)
        {
            response.Dispose();
            throw new ProviderException(
                ProviderErrorKind.Unavailable, $"The token for {_base.Authority} expired while the content was being sent.");
        }

        throw await FailAsync(response, "take the content", cancellationToken);
    }

    /// <summary>
    /// Closes an upload: the registry compares the digest and makes the blob readable.
    /// </summary>
    /// <param name="upload">The upload's latest address.</param>
    /// <param name="digest">The digest of all that was sent.</param>
    /// <param name="fresh">True to take a new token, where the body took long.</param>
    /// <param name="timeout">How long the registry may take; some copy the whole content now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task FinishUploadAsync(
        Uri upload, Sha256Digest digest, bool fresh, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var address = RegistryAddress.WithQuery(upload, $"digest={Uri.EscapeDataString(digest.ToString())}");
        using var response = await SendAsync(
            HttpMethod.Put, address, RegistryRight.Push, fresh, SetEmptyBody, timeout, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await FailAsync(response, "accept the content", cancellationToken);
        }
    }

    /// <summary>Drops an upload. Registries that can't, or no longer know it, are content.</summary>
    public async Task CancelUploadAsync(Uri upload, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            HttpMethod.Delete, upload, RegistryRight.Delete, fresh: false, prepare: null, ProviderRetry.TryTimeout, cancellationToken);
        var content = response.IsSuccessStatusCode
            || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented;
        if (!content)
        {
            throw await FailAsync(response, "drop an upload", cancellationToken);
        }
    }

    /// <summary>Puts a manifest at a tag.</summary>
    public async Task PutManifestAsync(string tag, byte[] manifest, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            HttpMethod.Put,
            Path($"manifests/{tag}"),
            RegistryRight.Push,
            fresh: false,
            request =>
            {
                request.Content = new ByteArrayContent(manifest);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(EvidenceManifest.MediaType);
            },
            ProviderRetry.TryTimeout,
            cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await FailAsync(response, "take the manifest", cancellationToken);
        }
    }

    /// <summary>The manifest at a tag, or null when there is none.</summary>
    public async Task<byte[]?> GetManifestAsync(string tag, RegistryRight right, CancellationToken cancellationToken)
    {
        using var response = await ReadAsync(
            HttpMethod.Get,
            Path($"manifests/{tag}"),
            right,
            request => request.Headers.Accept.ParseAdd(EvidenceManifest.MediaType),
            cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await transport.ReadAsync(response, MaxManifestBytes, cancellationToken),
            HttpStatusCode.NotFound => null,
            _ => throw await FailAsync(response, "let us read a manifest", cancellationToken),
        };
    }

    private static void SetEmptyBody(HttpRequestMessage request) => request.Content = new ByteArrayContent([]);

    private Uri Path(string rest) => new(_base, $"v2/{repository.Name}/{rest}");

    private Uri Blob(Sha256Digest digest) => Path($"blobs/{digest}");

    private Task<ProviderException> FailAsync(HttpResponseMessage response, string task, CancellationToken cancellationToken) =>
        RegistryFailure.ReadAsync(transport, response, task, authenticator.HasCredentials, cancellationToken);

    /// <summary>Sends a GET or HEAD and follows redirects to the registry's storage.</summary>
    private async Task<HttpResponseMessage> ReadAsync(
        HttpMethod method, Uri address, RegistryRight right, Action<HttpRequestMessage>? prepare, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendAsync(
                method, address, right, fresh: false, prepare, ProviderRetry.TryTimeout, cancellationToken);
            var redirected = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            if (!redirected)
            {
                return response;
            }

            using (response)
            {
                if (redirects == MaxRedirects)
                {
                    throw new ProviderException(ProviderErrorKind.Unexpected, $"{_base.Authority} redirects again and again.");
                }

                address = RegistryAddress.Location(response);
            }
        }
    }

    /// <summary>Sends one request, and once more when a 401 says how to authenticate. Other origins get no credentials.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        Uri address,
        RegistryRight right,
        bool fresh,
        Action<HttpRequestMessage>? prepare,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var ours = RegistryAddress.SameOrigin(address, _base);
        for (var repeated = false; ; repeated = true)
        {
            // Not disposed of: that would dispose of a body that is sent once more, and a request holds nothing else.
            var request = new HttpRequestMessage(method, address);
            prepare?.Invoke(request);
            if (ours)
            {
                request.Headers.Authorization = await authenticator.AuthorizeAsync(right, fresh, cancellationToken);
            }

            var response = await transport.SendAsync(request, timeout, cancellationToken);
            var spent = request.Content is PartsContent { Started: true };
            if (response.StatusCode is not HttpStatusCode.Unauthorized || !ours || repeated || spent
                || !authenticator.Learn(response, right, request.Headers.Authorization))
            {
                return response;
            }

            response.Dispose();
        }
    }
}
