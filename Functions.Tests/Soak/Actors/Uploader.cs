using System.Net;
using System.Net.Sockets;
using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Soak.Actors;

/// <summary>Uploads contents in one request, right ones and wrong ones, alone and twice at once.</summary>
internal sealed class Uploader(string name, SoakWorld world, int seed) : Actor(name, world, seed)
{
    private const int Part = 8 * 1024 * 1024;
    private const int InlineLimit = 10_000;
    private const int Tries = 6;
    private const int SmallWhenFull = 100_000;

    private readonly Appender _appender = new(name, world, seed + 1);

    protected override async Task StepAsync(CancellationToken stop)
    {
        var organization = ChooseOrganization();
        var content = ChooseContent();
        World.Journal.Count("upload: begun");
        switch (Random.Next(100))
        {
            case < 30:
                await RepeatAsync(() => PutArtifactAsync(organization, content), stop);
                break;
            case < 50:
                await RepeatAsync(() => PutSessionAsync(organization, content), stop);
                break;
            case < 58:
                await Task.WhenAll(
                    PutArtifactAsync(organization, content),
                    PutArtifactAsync(organization, content),
                    PutSessionAsync(organization, content));
                break;
            case < 72 when content.Size >= 16:
                await SendWrongAsync(organization, content);
                break;
            default:
                await _appender.UploadAsync(organization, content, stop);
                break;
        }
    }

    /// <summary>A new content, or one that somebody has stored already; small ones when more was sent than the plan wants.</summary>
    private SoakContent ChooseContent()
    {
        if (Chance(12) && Model.Choose(Random) is { } known)
        {
            return known.Content;
        }

        var size = SoakContent.ChooseSize(Random, World.Plan.LargestContent);
        return SoakContent.Create(Random, Model.BytesSent > SoakPlan.BytesAfter(World.Journal.Elapsed) ? size % SmallWhenFull : size);
    }

    private async Task RepeatAsync(Func<Task<(bool Done, ApiReply? Reply)>> upload, CancellationToken stop)
    {
        for (var tries = 0; tries < Tries && !stop.IsCancellationRequested; tries++)
        {
            var (done, reply) = await upload();
            if (done)
            {
                return;
            }

            await PauseAsync(reply, stop);
        }
    }

    private async Task<(bool Done, ApiReply? Reply)> PutArtifactAsync(SoakOrganization organization, SoakContent content)
    {
        var bytes = content.Bytes();
        Model.Attempt(organization.Name, content);
        var chunked = content.Size <= Part && Chance(50);
        return Take(organization, content, await CallAsync(
            $"put {Short(content.Digest)} {content.Size}",
            organization,
            tenant => tenant.PutArtifactAsync(bytes, Label(), chunked: chunked),
            mayBreak: true));
    }

    private async Task<(bool Done, ApiReply? Reply)> PutSessionAsync(SoakOrganization organization, SoakContent content)
    {
        var backend = content.Size < InlineLimit && Chance(10) ? "inline" : null;
        var created = await CallAsync(
            $"create {Short(content.Digest)} {content.Size}",
            organization,
            tenant => tenant.CreateUploadAsync(content.Digest, content.Size, Label(), backend: backend));
        if (created?.Status == HttpStatusCode.OK)
        {
            return Take(organization, content, created);
        }

        if (created?.Status != HttpStatusCode.Created)
        {
            return (created?.Status is HttpStatusCode.Conflict, created);
        }

        var upload = created["uploadUrl"]!;
        if (Chance(4))
        {
            await CallAsync("cancel", organization, tenant => tenant.DeleteAsync(upload));
            return (true, null);
        }

        var bytes = content.Bytes();
        Model.Attempt(organization.Name, content);
        if (content.Size > 1 && Chance(8))
        {
            await CutAsync(upload, bytes);
        }

        var chunked = Chance(50);
        return Take(organization, content, await CallAsync(
            $"send {Short(content.Digest)} {content.Size}",
            organization,
            tenant => tenant.PutAsync(upload, bytes, chunked),
            mayBreak: true));
    }

    private string? Label() => Chance(50) ? $"file-{Random.Next(5)}" : null;

    private (bool Done, ApiReply? Reply) Take(SoakOrganization organization, SoakContent content, ApiReply? reply)
    {
        if (reply?.Status is HttpStatusCode.OK or HttpStatusCode.Created)
        {
            Acknowledged(organization, content, reply);
            return (true, reply);
        }

        if (reply?.Status == HttpStatusCode.BadRequest)
        {
            throw Violation($"{content.Digest} was sent right and refused: {System.Text.Encoding.UTF8.GetString(reply.Body)}");
        }

        return (false, reply);
    }

    /// <summary>Sends a part of a content and breaks off.</summary>
    private async Task CutAsync(string upload, byte[] bytes)
    {
        var instance = World.ChooseInstance(Random);
        Note($"send a part @{instance.Number} and cut");
        var part = bytes.AsMemory(0, Random.Next(bytes.Length));
        int? length = Chance(50) ? bytes.Length : null;
        try
        {
            await RawRequest.SendPartAndCutAsync(instance.Address, "PUT", upload, part, length, CancellationToken.None);
        }
        catch (Exception lost) when (lost is IOException or SocketException)
        {
            Note($"cut: {lost.Message}");
        }
    }

    /// <summary>Sends other bytes than it declares. As long as nobody sends the right ones, the digest must not be there.</summary>
    private async Task SendWrongAsync(SoakOrganization organization, SoakContent content)
    {
        if (!Model.AttemptWrong(organization.Name, content.Digest))
        {
            return;
        }

        var wrong = content.Bytes();
        var length = Random.Next(4) switch
        {
            0 => wrong.Length - 1 - Random.Next(wrong.Length / 2),
            _ => wrong.Length,
        };
        wrong[Random.Next(length)] ^= 1;
        var body = wrong[..length];
        var created = await CallAsync(
            $"create {Short(content.Digest)} {content.Size}",
            organization,
            tenant => tenant.CreateUploadAsync(content.Digest, content.Size));
        if (created?.Status == HttpStatusCode.OK && !Model.IsPossible(organization.Name, content.Digest))
        {
            throw Violation($"{content.Digest} is there although only wrong content was sent for it.");
        }

        if (created?.Status != HttpStatusCode.Created)
        {
            return;
        }

        var reply = await CallAsync(
            $"send wrong {Short(content.Digest)} {length}",
            organization,
            tenant => tenant.PutAsync(created["uploadUrl"]!, body, Chance(50)),
            mayBreak: true);
        World.Journal.Count("upload: wrong content");
        if (reply is not null && (int)reply.Status < 300)
        {
            throw Violation($"{content.Digest} was acknowledged although other content was sent.");
        }
    }
}
