using System.Net;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Transfers;

namespace CasFunctions.Cli.Uploads;

/// <summary>
/// Uploads one file: hashes it, asks for a session, sends what the service lacks. After cuts and failures of the service it asks how far
/// the session is and goes on from there; an ended session is replaced by a new one; a session that an earlier run left open is taken up.
/// </summary>
internal sealed class Uploader(CasApi api, TransferRecords records, Patience patience, TransferProgress progress)
{
    private const int MostSessions = 5;

    private long _sent;

    /// <summary>Uploads a file.</summary>
    /// <param name="file">The content.</param>
    /// <param name="name">The name that the artifact gets.</param>
    /// <param name="mediaType">Its media type, if known.</param>
    /// <param name="backend">The backend that it shall go to, if any.</param>
    /// <param name="cancellationToken">Ends the upload; another run can continue it.</param>
    /// <exception cref="ApiFailure">The service refuses it, or goes on failing.</exception>
    public async Task<UploadResult> UploadAsync(ContentFile file, string name, string? mediaType, string? backend, CancellationToken cancellationToken)
    {
        progress.Begin("hash " + name, file.Size);
        var digest = await ContentHash.ComputeAsync(file.Handle, file.Size, progress.Add, cancellationToken);
        var wanted = new NewUpload { Digest = digest.ToString(), Size = file.Size, Name = name, MediaType = mediaType, Backend = backend };
        var key = file.Identity is null ? null : TransferRecords.KeyOf(api.Account, file.Identity, digest.ToString(), name, mediaType, backend);
        progress.Begin(name, file.Size);
        patience.Progress();
        var session = key is null ? null : records.Find(key)?.Session;
        var takenUp = session is not null;
        for (var sessions = 0; ; sessions++)
        {
            if (sessions > MostSessions)
            {
                throw new CliFailure(ExitCode.ServiceUnavailable, "The service ended the upload's session again and again.", "Repeat the command later.");
            }

            if (session is null)
            {
                var offer = await PatientlyAsync(
                    token => api.SendAsync(HttpMethod.Post, "/v1/uploads", wanted, CliJson.Default.NewUpload, token), cancellationToken);
                if (offer.Status == HttpStatusCode.OK)
                {
                    Forget(key);
                    return new UploadResult(digest, offer.Body, _sent, Existed: _sent == 0);
                }

                session = offer.Json.Text("uploadUrl") ?? throw ApiFailure.NotTheService();
                Keep(key, session);
            }

            try
            {
                if (await SendAsync(new UploadSession(api, session, file), file, takenUp, cancellationToken) is { } descriptor)
                {
                    Forget(key);
                    return new UploadResult(digest, descriptor, _sent, Existed: false);
                }
            }
            catch (ApiFailure failure) when (failure.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                progress.MoveTo(0);
            }

            Forget(key);
            (session, takenUp) = (null, false);
        }
    }

    /// <summary>Sends what a session lacks.</summary>
    /// <returns>The descriptor; null when the session is complete and another request has to ask for it.</returns>
    private async Task<byte[]?> SendAsync(UploadSession session, ContentFile file, bool takenUp, CancellationToken cancellationToken)
    {
        var size = new AppendSize();

        // What takes several appends has to ask how large they may be.
        var offset = takenUp || file.Size > AppendSize.Part ? (long?)null : 0;
        var furthest = 0L;
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            var length = 0L;
            var moved = 0L;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(AppendSize.LongestAppend);
            try
            {
                if (offset is null)
                {
                    var state = await session.AskAsync(limit.Token);
                    if (state.Complete)
                    {
                        return null;
                    }

                    offset = state.Offset;
                    size.Limit = state.MaxAppend ?? long.MaxValue;
                    progress.MoveTo(state.Offset);
                }

                if (offset > furthest)
                {
                    furthest = offset.Value;
                    patience.Progress();
                }

                length = size.Next(file.Size - offset.Value);
                if (await session.AppendAsync(offset.Value, length, Count, limit.Token) is { } descriptor)
                {
                    return descriptor;
                }

                size.Learn(length, TimeProvider.System.GetElapsedTime(began));
                offset += length;
            }
            catch (ApiFailure failure) when (failure is { Status: HttpStatusCode.Conflict, UploadOffset: not null })
            {
                offset = failure.UploadOffset != offset ? failure.UploadOffset : null;
                if (offset is null && !await patience.WaitAsync(failure, cancellationToken))
                {
                    throw;
                }
            }
            catch (Exception failure) when (Patience.IsPassing(failure, cancellationToken))
            {
                if (limit.IsCancellationRequested)
                {
                    size.Learn(moved, AppendSize.LongestAppend);
                }

                if (!await patience.WaitAsync(failure, cancellationToken))
                {
                    throw;
                }

                offset = null;
            }

            void Count(long bytes)
            {
                moved += bytes;
                _sent += bytes;
                progress.Add(bytes);
            }
        }
    }

    private async Task<T> PatientlyAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await action(cancellationToken);
            }
            catch (Exception failure) when (Patience.IsPassing(failure, cancellationToken))
            {
                if (!await patience.WaitAsync(failure, cancellationToken))
                {
                    throw;
                }
            }
        }
    }

    private void Keep(string? key, string session)
    {
        if (key is not null)
        {
            records.TrySave(key, new TransferRecord(Session: session));
        }
    }

    private void Forget(string? key)
    {
        if (key is not null)
        {
            records.Delete(key);
        }
    }
}
