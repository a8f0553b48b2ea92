extern alias cli;

using System.Globalization;
using System.Net;
using System.Text;
using CasFunctions.Http;
using CasFunctions.Tests.Http.Parsers;
using cli::CasFunctions.Cli.Commands;
using cli::CasFunctions.Cli.Downloads;
using cli::CasFunctions.Cli.Http;
using cli::CasFunctions.Cli.Input;
using cli::CasFunctions.Cli.Output;
using CsCheck;
using CliDigest = cli::CasFunctions.Digests.Sha256Digest;

namespace CasFunctions.Tests.Cli;

/// <summary>What the command line reads: arguments, names that strangers chose, and a service's answers.</summary>
public sealed class InputTests
{
    private static readonly CliDigest Digest = CliDigest.Of("content"u8);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("500K", 500 * 1024)]
    [InlineData("1.5m", 3 * 512 * 1024)]
    [InlineData(" 2GiB ", 2L << 30)]
    [InlineData("8388607T", 8388607L << 40)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("B")]
    [InlineData("0")]
    [InlineData("0.0001K")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("1,5M")]
    [InlineData("8388608T")]
    [InlineData("9223372036854775808")]
    [InlineData("79228162514264337593543950335K")]
    [InlineData("\u0661")]
    public void Other_sizes_are_refused(string text) => Assert.Throws<CliFailure>(() => ByteSize.Parse(text));

    [Theory]
    [InlineData("45s", 45)]
    [InlineData("90d", 90 * 86_400)]
    [InlineData("36500d", 36_500L * 86_400)]
    [InlineData("3153600000s", 36_500L * 86_400)]
    public void Spans_of_time_are_read_in_any_unit(string text, long seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Duration.Parse(text));

    [Theory]
    [InlineData("90")]
    [InlineData("36501d")]
    [InlineData("3153600001s")]
    [InlineData("9223372036854775807d")]
    public void Other_spans_of_time_are_refused(string text) => Assert.Throws<CliFailure>(() => Duration.Parse(text));

    [Fact]
    public void No_argument_makes_the_reader_of_sizes_and_times_fail() =>
        Gen.OneOf(
            HostileText.From("1", "9", ".", "K", "mb", "GiB", "T", "d", "h", "s", " ", "79228162514264337593543950335"),
            HostileText.Near("1.5MiB", "90d", "79228162514264337593543950335", "9223372036854775807T")).Sample(text =>
            {
                if (Read(ByteSize.Parse, text) is { } bytes)
                {
                    Assert.True(bytes > 0);
                    Assert.Equal(bytes, ByteSize.Parse(bytes.ToString(CultureInfo.InvariantCulture)));
                }

                if (Read(Duration.Parse, text) is { } time)
                {
                    Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromDays(36_500));
                    Assert.Equal(time, Duration.Parse($"{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s"));
                }
            }, iter: HostileText.Cases);

    [Theory]
    [InlineData("LPT\u00b2.txt", "_PT\u00b2.txt")]
    [InlineData("com1", "_om1")]
    [InlineData(".bashrc", "_bashrc")]
    [InlineData("a/../b", "b")]
    public void Stored_names_become_plain_file_names(string stored, string name) => Assert.Equal(name, LocalName.Of(stored, Digest));

    [Fact]
    public void No_stored_name_leaves_the_folder_or_hides() =>
        Gen.OneOf(HostileText.Any,
            HostileText.Near("../../etc/passwd", "..\\..\\win.ini", "nul.tar.gz", ". .", "CON \u00b9", new string('\u4e2d', 90)))
            .Sample(stored =>
            {
                var name = LocalName.Of(stored, Digest);
                Assert.Equal("/downloads", Path.GetDirectoryName(Path.GetFullPath(Path.Combine("/downloads", name))));
                Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 255);
                Assert.DoesNotContain(name, character => char.IsControl(character)
                    || "<>:\"/\\|?*".Contains(character, StringComparison.Ordinal));
                Assert.False(name.StartsWith('.') || name.EndsWith('.') || name.StartsWith(' ') || name.EndsWith(' '), name);
                Assert.Equal(name, LocalName.Of(name, Digest));
            }, iter: HostileText.Cases);

    [Fact]
    public void Nothing_that_is_shown_controls_the_terminal() =>
        HostileText.Any.Sample(text =>
        {
            var shown = DisplayText.Safe(text);
            Assert.DoesNotContain(shown, character => char.IsControl(character) || character is '\u202e' or '\u2066' or '\u2028');
            Assert.Equal(shown, DisplayText.Safe(shown));
        }, iter: HostileText.Cases);

    [Fact]
    public void Limits_that_the_service_writes_are_read_and_no_answer_makes_the_reader_fail()
    {
        var known = Gen.Long[0, StructuredFields.MaxInteger];
        Gen.Select(known, HostileText.From("max-append-size", "=", "5", ",", ";", "max-age", " ", "?1", "99999999999999999999")).Sample(
            (limit, text) =>
        {
            using var answer = new HttpResponseMessage(HttpStatusCode.OK);
            answer.Headers.TryAddWithoutValidation(
                "Upload-Limit", StructuredFields.WriteDictionary(("max-size", 7), ("max-append-size", limit), ("max-age", 3600)));
            Assert.Equal(limit, UploadFields.MaxAppend(answer));

            using var other = new HttpResponseMessage(HttpStatusCode.OK);
            foreach (var field in new[] { "Upload-Limit", "Upload-Offset", "Upload-Complete" })
            {
                other.Headers.TryAddWithoutValidation(field, text);
            }

            Assert.True(UploadFields.MaxAppend(other) is null or >= 0);
            Assert.True(UploadFields.Offset(other) is null or >= 0);
            _ = UploadFields.IsComplete(other);
        }, iter: HostileText.Cases);
    }

    private static T? Read<T>(Func<string, T> parse, string text)
        where T : struct
    {
        try
        {
            return parse(text);
        }
        catch (CliFailure)
        {
            return null;
        }
    }
}
