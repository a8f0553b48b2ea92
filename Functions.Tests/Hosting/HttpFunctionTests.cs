using System.Net;

namespace CasFunctions.Tests.Hosting;

public sealed class HttpFunctionTests
{
    private static readonly Type[] Routes = [typeof(RouteFunctions)];
    private static readonly Type[] Results = [typeof(ResultFunctions)];

    [Theory]
    [InlineData("/default-route", "GET")]
    [InlineData("/CONSTANT/a%2Fb", "a%2Fb")]
    [InlineData("/constant/a%20b+c", "a b+c")]
    [InlineData("/constant/sha256:ab", "sha256:ab")]
    [InlineData("/typed/9000000000/-3/0f8fad5b-d9cb-469f-a165-70867728950e/true", "9000000000 -3 0f8fad5b-d9cb-469f-a165-70867728950e True")]
    [InlineData("/optional/x", "x none")]
    [InlineData("/optional/x/7", "x 7")]
    [InlineData("/rest/a/b:c/", "a/b:c/")]
    [InlineData("/query", "none 100")]
    [InlineData("/query?AFTER=a%2Fb&limit=5", "a/b 5")]
    public async Task A_request_reaches_its_function_with_the_values_of_its_address(string path, string expected)
    {
        await using var host = await TestHost.StartAsync(Routes);

        Assert.Equal(expected, await host.Client.GetStringAsync(path, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET", "/nowhere")]
    [InlineData("GET", "/typed/not-a-number/1/0f8fad5b-d9cb-469f-a165-70867728950e/true")]
    [InlineData("GET", "/rest/a//b")]
    [InlineData("POST", "/default-route")]
    [InlineData("HEAD", "/default-route")]
    [InlineData("OPTIONS", "/default-route")]
    public async Task What_no_function_takes_is_not_found(string method, string path)
    {
        await using var host = await TestHost.StartAsync(Routes);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("GET", "/same", "read")]
    [InlineData("PUT", "/same", "written")]
    [InlineData("DELETE", "/any", "DELETE")]
    public async Task The_method_chooses_among_functions_of_one_path(string method, string path, string expected)
    {
        await using var host = await TestHost.StartAsync(Routes);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("task-of-result", 200, "task")]
    [InlineData("value-task-of-result", 200, "value task")]
    [InlineData("task-of-action", 200, "action")]
    [InlineData("task", 200, "written")]
    [InlineData("value-task", 200, "written later")]
    [InlineData("nothing", 204, "")]
    [InlineData("failure", 500, "")]
    public async Task Each_kind_of_result_is_written(string path, int status, string body)
    {
        await using var host = await TestHost.StartAsync(Results);

        using var response = await host.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.False(response.Headers.Contains("X-Leftover"));
    }

    [Fact]
    public async Task An_action_result_is_negotiated_and_its_class_gets_its_services()
    {
        await using var host = await TestHost.StartAsync(Results);

        using var response = await host.Client.GetAsync("action", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.StartsWith("{\"year\":2", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_function_is_not_found()
    {
        await using var host = await TestHost.StartAsync(Results, configure: null, "--AzureWebJobs.task.Disabled=true");

        using var response = await host.Client.GetAsync("task", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
