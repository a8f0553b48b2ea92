using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Transfers;

namespace CasFunctions.Cli.Uploads;

/// <summary>The state of an upload session by the service's word.</summary>
/// <param name="Offset">How many bytes it has.</param>
/// <param name="Complete">True when it has all and has stored them.</param>
/// <param name="MaxAppend">Most bytes of one append; null for no limit.</param>
internal sealed record SessionState(long Offset, bool Complete, long? MaxAppend);

/// <summary>
/// An upload session, which takes content piece by piece as "Resumable Uploads for HTTP" has it (draft-ietf-httpbis-resumable-upload).
/// Its address is all the authority that it needs: no token is sent.
/// </summary>
internal sealed class UploadSession(CasApi api, string address, ContentFile file)
{
    /// <summary>Asks how far the service is.</summary>
    /// <exception cref="ApiFailure">404 or 410 when the session is over.</exception>
    public async Task<SessionState> AskAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(address, UriKind.RelativeOrAbsolute));
        using var response = await api.OpenAsync(request, authorized: false, cancellationToken);
        await CasApi.ReadAsync(response, cancellationToken);
        return new SessionState(UploadFields.Offset(response) ?? 0, UploadFields.IsComplete(response), UploadFields.MaxAppend(response));
    }

    /// <summary>Sends a piece.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="sent">Told as bytes go out.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The artifact's descriptor when this was the last piece; null otherwise.</returns>
    /// <exception cref="ApiFailure">It was not taken.</exception>
    public async Task<byte[]?> AppendAsync(long offset, long length, Action<long> sent, CancellationToken cancellationToken)
    {
        var whole = offset == 0 && length == file.Size;
        using var request = new HttpRequestMessage(whole ? HttpMethod.Put : HttpMethod.Patch, new Uri(address, UriKind.RelativeOrAbsolute))
        {
            Content = new FileBody(file, offset, length, sent),
        };
        request.Headers.ExpectContinue = length > 0;
        if (!whole)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(UploadFields.MediaType);
            request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("Upload-Complete", offset + length == file.Size ? "?1" : "?0");
        }

        using var response = await api.OpenAsync(request, authorized: false, cancellationToken);
        var answer = await CasApi.ReadAsync(response, cancellationToken);
        return answer.Status == HttpStatusCode.NoContent ? null : answer.Body;
    }
}
