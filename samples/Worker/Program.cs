using Datapath.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Such as: --table services.txt --Datapath:cgroupRoot /sys/fs/cgroup/mine --Datapath:lifetime process
var builder = Host.CreateApplicationBuilder(args);
if (builder.Configuration["table"] is not { } table)
{
    Console.Error.WriteLine("usage: Worker --table FILE [--Datapath:KEY VALUE ...]; without --Datapath:cgroupRoot every process of the machine is served");
    return 2;
}

builder.Services.AddDatapath(builder.Configuration.GetSection("Datapath")).AddSource(_ => new ServiceTable(table));
builder.Services.AddHostedService<Announcer>();
await builder.Build().RunAsync();
return 0;
