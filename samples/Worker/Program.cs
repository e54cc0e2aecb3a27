using Datapath.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

if (args is not [var table, ..])
{
    Console.Error.WriteLine("usage: Worker TABLE [--Datapath:KEY VALUE ...]");
    return 2;
}

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddDatapath(builder.Configuration.GetSection("Datapath")).AddSource(_ => new ServiceTable(table));
builder.Services.AddHostedService<Announcer>();
await builder.Build().RunAsync();
return 0;
