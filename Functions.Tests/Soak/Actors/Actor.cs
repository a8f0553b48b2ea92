using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Soak.Actors;

/// <summary>A client that goes on and on, at any instance, and judges every answer that it gets.</summary>
internal abstract class Actor(string name, SoakWorld world, int seed)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    protected SoakWorld World => world;

    protected Model Model => world.Model;

    /// <summary>Makes all its choices.</summary>
    protected Random Random { get; } = new SharedRandom(seed);

    /// <summary>Its name in the journal.</summary>
    public string Name => name;

    /// <summary>Works until it is told to stop, and then ends the step that it is at.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await StepAsync(stop);
        }
    }

    protected abstract Task StepAsync(CancellationToken stop);

    protected SoakOrganization ChooseOrganization() => world.Organizations[Random.Next(world.Organizations.Count)];

    /// <summary>True as often as this, of a hundred times.</summary>
    protected bool Chance(int percent) => Random.Next(100) < percent;

    protected void Note(string line) => world.Journal.Write(name, line);

    protected ViolationException Violation(string message) => world.Journal.Violation(name, message);

    /// <summary>Makes a call at some instance and judges its answer.</summary>
    /// <param name="what">What it is, for the journal.</param>
    /// <param name="organization">The organization.</param>
    /// <param name="call">The call.</param>
    /// <param name="mayBreak">Whether the connection may break although nobody was killed, as that of a body that is refused.</param>
    /// <returns>The answer; null when it was lost.</returns>
    protected async Task<ApiReply?> CallAsync(
        string what, SoakOrganization organization, Func<Tenant, Task<ApiReply>> call, bool mayBreak = false)
    {
        var instance = world.ChooseInstance(Random);
        var began = world.Time.GetTimestamp();
        try
        {
            var reply = await call(organization.Tenant.At(instance.Address));
            Judge($"{what} {organization.Name} @{instance.Number}", reply, world.Time.GetElapsedTime(began));
            return reply;
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or SocketException)
        {
            Note($"{what} {organization.Name} @{instance.Number} lost: {lost.GetBaseException().Message}");
            world.Journal.Count("answer: lost");
            return mayBreak || instance.WasKilledSince(began)
                ? null
                : throw Violation($"{what} at instance {instance.Number} lost its connection although nobody was killed: {lost}");
        }
    }

    /// <summary>Takes note of a descriptor that the service gave for a content: from now on it has to be there.</summary>
    protected void Acknowledged(SoakOrganization organization, SoakContent content, ApiReply descriptor)
    {
        var document = descriptor.Json;
        var annotations = document.GetProperty("annotations");
        var digest = document.GetProperty("digest").GetProperty("sha256").GetString();
        if (digest != content.Digest.Hex || Text(annotations, "casfunctions.size") != content.Size.ToString(CultureInfo.InvariantCulture))
        {
            throw Violation($"{content.Digest} of {content.Size} bytes was answered with the descriptor of another content: {document}");
        }

        if (!Model.Acknowledge(organization.Name, content.Digest, Text(annotations, "casfunctions.backend")))
        {
            throw Violation($"{content.Digest} is there although nobody has sent it to {organization.Name}.");
        }

        world.Journal.Count("acknowledged");
    }

    /// <summary>Asks for a descriptor of what has to be there by now.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="content">The content.</param>
    /// <param name="purges">How many backends had been purged when the upload began: one of those after may have held it.</param>
    protected async Task ConfirmAsync(SoakOrganization organization, SoakContent content, int purges)
    {
        var path = $"/v1/artifacts/{content.Digest}/descriptor";
        var reply = await CallAsync($"descriptor {Short(content.Digest)}", organization, tenant => tenant.GetAsync(path));
        if (reply?.Status == HttpStatusCode.OK)
        {
            Acknowledged(organization, content, reply);
        }
        else if (reply?.Status == HttpStatusCode.NotFound && Model.Purges(organization.Name) == purges)
        {
            throw Violation($"{content.Digest} was uploaded to its end, but is not there.");
        }
    }

    /// <summary>Waits for as long as a refusal asks, within reason.</summary>
    protected Task PauseAsync(ApiReply? refusal, CancellationToken stop)
    {
        var asked = refusal?.Message.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(100 + Random.Next(400));
        return Task.Delay(asked < LongestPause ? asked : LongestPause, world.Time, stop)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    protected static string Short(Sha256Digest digest) => digest.Hex[..12];

    protected static bool IsUnavailable(ApiReply? reply) => reply is null || reply.Status == HttpStatusCode.ServiceUnavailable;

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private void Judge(string what, ApiReply reply, TimeSpan took)
    {
        var code = (int)reply.Status >= 400 && reply.Body.Length > 0 ? reply.Code : null;
        Note(string.Create(CultureInfo.InvariantCulture, $"{what} → {(int)reply.Status} {code} in {took.TotalSeconds:0.00} s"));
        world.Journal.Count(string.Create(CultureInfo.InvariantCulture, $"answer: {(int)reply.Status} {code}"));
        if (reply.Status == HttpStatusCode.InternalServerError)
        {
            throw Violation($"{what} failed: {System.Text.Encoding.UTF8.GetString(reply.Body)}");
        }

        if (reply.Status == HttpStatusCode.ServiceUnavailable && reply.Message.Headers.RetryAfter is null)
        {
            throw Violation($"{what} answered 503 without Retry-After: {System.Text.Encoding.UTF8.GetString(reply.Body)}");
        }
    }
}
