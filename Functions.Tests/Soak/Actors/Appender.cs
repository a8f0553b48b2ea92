using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Uploads.Appends;

namespace CasFunctions.Tests.Soak.Actors;

/// <summary>Uploads contents by appends of both protocols, with cuts and races, and holds the offset to its promises.</summary>
internal sealed class Appender(string name, SoakWorld world, int seed) : Actor(name, world, seed)
{
    private const int Tries = 40;

    protected override Task StepAsync(CancellationToken stop) =>
        UploadAsync(ChooseOrganization(), SoakContent.Create(Random, SoakContent.ChooseSize(Random, World.Plan.LargestContent)), stop);

    /// <summary>Uploads a content to its end, or until the session has ended or patience has.</summary>
    public async Task UploadAsync(SoakOrganization organization, SoakContent content, CancellationToken stop)
    {
        var isTus = Chance(50);
        World.Journal.Count(isTus ? "upload: tus" : "upload: ietf");
        if (content.Size == 0)
        {
            Model.Attempt(organization.Name, content);
        }

        var created = await CallAsync(
            $"create {(isTus ? "tus" : "ietf")} {Short(content.Digest)} {content.Size}",
            organization,
            tenant => isTus ? tenant.CreateTusAsync(content.Digest, content.Size) : tenant.CreateIetfAsync(content.Digest, content.Size));
        if (created is { Status: HttpStatusCode.OK, Body.Length: > 0 })
        {
            Acknowledged(organization, content, created);
        }

        if (created?.Status != HttpStatusCode.Created || created.Message.Headers.Location is not { } location)
        {
            return;
        }

        var purges = Model.Purges(organization.Name);
        var session = new Session(organization, content, location.ToString(), isTus);
        Model.Attempt(organization.Name, content);
        if (await SendAllAsync(session, stop))
        {
            await ConfirmAsync(organization, content, purges);
        }
        else if (Chance(30))
        {
            await CallAsync("cancel", organization, tenant => tenant.DeleteAsync(session.Upload));
        }
    }

    /// <returns>True when the service says that it has all of it.</returns>
    private async Task<bool> SendAllAsync(Session session, CancellationToken stop)
    {
        var bytes = session.Content.Bytes();
        for (var tries = 0; tries < Tries && !stop.IsCancellationRequested; tries++)
        {
            if (Chance(1))
            {
                return false;
            }

            var count = ChooseLength(bytes.Length - (int)session.Offset);
            var next = await AppendAsync(session, bytes.AsMemory((int)session.Offset, count));
            if (next == Outcome.Unknown)
            {
                next = await AskAsync(session, stop);
            }

            if (next is Outcome.Complete or Outcome.Ended)
            {
                return next == Outcome.Complete;
            }
        }

        return false;
    }

    private int ChooseLength(int left) => Math.Min(left, Random.Next(6) switch
    {
        0 => Random.Next(1, 100_000),
        1 => 8 * 1024 * 1024,
        2 => Random.Next(1, 16 * 1024 * 1024),
        _ => Math.Max(left, 1),
    });

    private async Task<Outcome> AppendAsync(Session session, ReadOnlyMemory<byte> bytes)
    {
        session.Sent = Math.Max(session.Sent, session.Offset + bytes.Length);
        if (bytes.Length > 1 && Chance(8))
        {
            await CutAsync(session, bytes);
            return Outcome.Unknown;
        }

        if (!Chance(6))
        {
            return Read(session, await SendAsync(session, bytes));
        }

        // Two clients that believe to own the session: at most one of them gets on, and what it says is true of both.
        World.Journal.Count("upload: raced appends");
        var replies = await Task.WhenAll(SendAsync(session, bytes), SendAsync(session, bytes));
        var outcomes = replies.Select(reply => Read(session, reply)).ToList();
        return outcomes.Contains(Outcome.Complete) ? Outcome.Complete : Outcome.Unknown;
    }

    private Task<ApiReply?> SendAsync(Session session, ReadOnlyMemory<byte> bytes)
    {
        var offset = session.Offset;
        return CallAsync(
            $"append {Short(session.Content.Digest)} {offset}+{bytes.Length}/{session.Content.Size}",
            session.Organization,
            tenant => session.IsTus
                ? tenant.AppendTusAsync(session.Upload, offset, bytes)
                : tenant.AppendIetfAsync(session.Upload, offset, bytes, offset + bytes.Length == session.Content.Size),
            mayBreak: true);
    }

    private async Task CutAsync(Session session, ReadOnlyMemory<byte> bytes)
    {
        var instance = World.ChooseInstance(Random);
        var part = bytes[..Random.Next(bytes.Length)];
        Note($"append {Short(session.Content.Digest)} {session.Offset}+{part.Length} @{instance.Number} and cut");
        World.Journal.Count("upload: cut append");
        string[] fields = session.IsTus
            ? ["Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream", $"Upload-Offset: {session.Offset}"]
            : ["Content-Type: application/partial-upload", $"Upload-Offset: {session.Offset}", "Upload-Complete: ?0"];
        try
        {
            await using var request = await RawRequest.OpenAsync(
                instance.Address, "PATCH", session.Upload, bytes.Length, CancellationToken.None, fields);
            await request.SendAsync(part, CancellationToken.None);
        }
        catch (Exception lost) when (lost is IOException or SocketException)
        {
            Note($"cut: {lost.Message}");
        }
    }

    /// <summary>Asks for the offset until there is an answer.</summary>
    private async Task<Outcome> AskAsync(Session session, CancellationToken stop)
    {
        for (var tries = 0; tries < Tries && !stop.IsCancellationRequested; tries++)
        {
            var reply = await CallAsync(
                $"offset {Short(session.Content.Digest)}",
                session.Organization,
                tenant => session.IsTus ? tenant.HeadTusAsync(session.Upload) : tenant.HeadIetfAsync(session.Upload));
            if (Read(session, reply) is not Outcome.Unknown and var outcome)
            {
                return outcome;
            }

            await PauseAsync(reply, stop);
        }

        return Outcome.Unknown;
    }

    /// <summary>What an answer says of the session.</summary>
    private Outcome Read(Session session, ApiReply? reply)
    {
        switch (reply?.Status)
        {
            case HttpStatusCode.Created:
                Acknowledged(session.Organization, session.Content, reply);
                return Outcome.Complete;
            case HttpStatusCode.OK or HttpStatusCode.NoContent when reply.Field("Upload-Offset") is { } text:
                Advance(session, long.Parse(text, CultureInfo.InvariantCulture));
                var complete = session.IsTus ? session.Offset == session.Content.Size : reply.Field("Upload-Complete") == "?1";
                return complete ? Outcome.Complete : Outcome.Open;
            case HttpStatusCode.Gone:
                return Outcome.Ended;
            case HttpStatusCode.NotFound:
                throw Violation($"The session of {session.Content.Digest} is not known any more.");
            case HttpStatusCode.BadRequest when reply.Body.Length > 0 && reply.Code != "upload-completed":
                throw Violation($"{session.Content.Digest} was sent right and refused: {System.Text.Encoding.UTF8.GetString(reply.Body)}");
            default:
                return Outcome.Unknown;
        }
    }

    private void Advance(Session session, long offset)
    {
        if (offset < session.Offset)
        {
            throw Violation($"The offset of {session.Content.Digest} went back from {session.Offset} to {offset}.");
        }

        if (offset > session.Sent)
        {
            throw Violation($"The offset of {session.Content.Digest} is {offset}, but only {session.Sent} bytes were ever sent.");
        }

        session.Offset = offset;
    }

    private enum Outcome
    {
        Unknown,
        Open,
        Complete,
        Ended,
    }

    private sealed record Session(SoakOrganization Organization, SoakContent Content, string Upload, bool IsTus)
    {
        /// <summary>What the service said last.</summary>
        public long Offset { get; set; }

        /// <summary>The end of what was ever sent.</summary>
        public long Sent { get; set; }
    }
}
